"""What errors of libraries mean, in words of our own."""

import errno
from contextvars import copy_context

import pytest

from core.text.language import speak
from core.workloads.failures import (
    Disconnected,
    NoAnswer,
    NobodyListens,
    QueryFailed,
    ServiceFailure,
    TooManyOpenFiles,
    bad_status,
    causes,
    common_failure,
    disconnected,
    failure_as_said,
    no_answer,
    nobody_listens,
    retold,
)


def raised_from(error: Exception) -> Exception:
    outer = RuntimeError("outer")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "situation"),
    [
        (OSError(errno.EMFILE, "no file left"), TooManyOpenFiles),
        (OSError(errno.ENFILE, "no file left"), TooManyOpenFiles),
        (RuntimeError("socket: Too many open files"), TooManyOpenFiles),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"), NobodyListens),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed"), NobodyListens),
        (TimeoutError(), NoAnswer),
        (ConnectionResetError(), Disconnected),
        (LookupError("job 1"), type(None)),
    ],
    ids=repr,
)
@pytest.mark.parametrize("wrap", [lambda error: error, raised_from], ids=["itself", "as a cause"])
def test_an_error_means_what_the_system_says_however_deep_it_is(
    error: Exception, situation: type[ServiceFailure], wrap: object
) -> None:
    assert callable(wrap)
    assert type(common_failure(wrap(error), "here", 2.5)) is situation


def test_the_words_name_the_address_and_the_time() -> None:
    refused = OSError(errno.ECONNREFUSED, "no")
    assert str(common_failure(refused, "127.0.0.1:80", 2.5)) == "nobody listens at 127.0.0.1:80"
    assert str(common_failure(TimeoutError(), "here", 2.5)) == "no answer within 2.5 s"


def test_errors_that_are_each_others_cause_are_met_once() -> None:
    one, other = RuntimeError(), RuntimeError()
    one.__cause__, other.__context__ = other, one
    assert list(causes(one)) == [one, other]


@pytest.mark.parametrize(
    "said",
    [
        "division by zero",
        'connection to server at "::1" failed: FATAL:  division by zero\nHINT: do not',
    ],
)
def test_a_server_is_quoted_without_what_the_library_adds(said: str) -> None:
    assert str(failure_as_said(QueryFailed, said)) == "the server says: division by zero"


FAILURES = [
    (nobody_listens("127.0.0.1:80"), "127.0.0.1:80에서 요청을 받는 서버가 없습니다"),
    (no_answer(2.5), "2.5초 안에 응답이 없습니다"),
    (disconnected(), "서버가 응답하기 전에 연결을 닫았습니다"),
    (bad_status(503, "Service Unavailable"), "서버 응답: 503 Service Unavailable"),
    (failure_as_said(QueryFailed, "FATAL: no such table"), "서버 메시지: no such table"),
]


@pytest.mark.parametrize(("failure", "korean"), FAILURES, ids=str)
def test_a_failure_that_was_told_in_english_is_retold_to_who_reads_korean(
    failure: ServiceFailure, korean: str
) -> None:
    kind, message = type(failure).__name__, str(failure)
    assert retold(kind, message) == message

    def read() -> str:
        speak("ko")
        return retold(kind, message)

    assert copy_context().run(read) == korean


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("RuntimeError", "job 3 went wrong"),
        ("NobodyListens", "somebody else's words"),
        ("NoAnswer", "no answer within a while s"),
        ("Disconnected", ""),
    ],
)
def test_the_words_of_others_are_shown_as_they_are(kind: str, message: str) -> None:
    def read() -> str:
        speak("ko")
        return retold(kind, message)

    assert copy_context().run(read) == message
