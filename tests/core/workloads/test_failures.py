"""What errors of libraries mean, in words of our own."""

import copy
import errno
import json
from contextvars import copy_context

import pytest

from core.measuring.wire import error_fields, error_from
from core.recording.recorder import JobError
from core.recording.texts import Value
from core.text.language import speak
from core.workloads import failures
from core.workloads.failures import (
    FAILURES,
    Disconnected,
    NoAnswer,
    NobodyListens,
    QueryFailed,
    RefusedByServer,
    ServiceFailure,
    TooManyOpenFiles,
    bad_status,
    causes,
    common_failure,
    disconnected,
    failure_as_said,
    failure_text,
    no_answer,
    nobody_listens,
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


FAILED = [
    (nobody_listens("127.0.0.1:80"), "127.0.0.1:80에서 요청을 받는 서버가 없습니다"),
    (no_answer(2.5), "2.5초 안에 응답이 없습니다"),
    (disconnected(), "서버가 응답하기 전에 연결을 닫았습니다"),
    (bad_status(503, "Service Unavailable"), "서버 응답: 503 Service Unavailable"),
    (failure_as_said(QueryFailed, "FATAL: no such table"), "서버 메시지: no such table"),
]


def read_in_korean(error: JobError) -> str:
    def read() -> str:
        speak("ko")
        return failure_text(error)

    return copy_context().run(read)


@pytest.mark.parametrize(("failure", "korean"), FAILED, ids=str)
def test_a_failure_that_was_recorded_in_english_is_told_in_the_readers_language(
    failure: ServiceFailure, korean: str
) -> None:
    recorded = JobError.of(failure)
    assert recorded.message == str(failure) == failure_text(recorded)
    assert read_in_korean(recorded) == korean


@pytest.mark.parametrize(("failure", "korean"), FAILED, ids=str)
def test_a_failure_comes_by_the_pipe_and_out_of_a_worker_with_what_it_holds(
    failure: ServiceFailure, korean: str
) -> None:
    of_worker = copy.deepcopy(failure)  # by what it is pickled by
    sent = json.loads(json.dumps(error_fields(JobError.of(of_worker))))
    assert read_in_korean(error_from(sent)) == korean


def test_every_failure_is_known_by_its_name() -> None:
    abstract = {ServiceFailure, RefusedByServer}
    classes = {
        each
        for each in vars(failures).values()
        if isinstance(each, type) and issubclass(each, ServiceFailure)
    }
    assert set(FAILURES.values()) == classes - abstract


@pytest.mark.parametrize(
    ("kind", "message", "values"),
    [
        ("RuntimeError", "job 3 went wrong", {}),
        ("NobodyListens", "somebody else's words", {}),
        ("NobodyListens", "somebody else's words", {"place": "here"}),
        ("NobodyListens", "somebody else's words", {"address": "here", "more": 1}),
        ("NoAnswer", "no answer within a while s", {"limit": "a while"}),
        ("Disconnected", "other words", {"more": 1}),
    ],
)
def test_the_words_of_others_are_shown_as_they_are(
    kind: str, message: str, values: dict[str, Value]
) -> None:
    error = JobError(kind=kind, message=message, values=tuple(values.items()))
    assert read_in_korean(error) == message
