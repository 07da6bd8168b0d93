"""What errors of libraries mean, in words of our own."""

import errno

import pytest

from core.failures import (
    Disconnected,
    NoAnswer,
    NobodyListens,
    QueryFailed,
    ServiceFailure,
    TooManyOpenFiles,
    causes,
    common_failure,
    failure_as_said,
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
