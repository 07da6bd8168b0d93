"""What errors of libraries mean, in words of our own."""

import copy
import errno
import json
from contextvars import copy_context

import pytest

from core.errors import RunFailed
from core.measuring import wire
from core.measuring.wire import error_fields, error_from
from core.recording.errors import NoWorkerProcess, SchedulerLost, Value, WorkerLost
from core.recording.recorder import JobError
from core.spec.limits import Limits
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
    out_of_memory,
    refusal,
    said,
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


def test_who_may_open_no_more_files_learns_the_limit_of_a_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_file = OSError(errno.EMFILE, "no file left")
    errors = [JobError.of(common_failure(no_file, "here", 2.5) or no_file), refusal(no_file)]
    for error in errors:
        assert "raise `ulimit -n`" in error_fields(error)["message"]
    monkeypatch.setattr(wire, "LIMITS", Limits(open_files=4096))
    words = "a run may open 4,096 files on this server: use fewer connections or workers"
    for error in errors:
        recorded = error_from(json.loads(json.dumps(error_fields(error))))
        assert (recorded.kind, failure_text(recorded)) == ("TooManyOpenFiles", words)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("can't start new thread"),
        BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
    ],
    ids=repr,
)
def test_who_may_start_no_more_threads_or_processes_learns_what_limits_them(
    error: Exception,
) -> None:
    recorded = refusal(error)
    assert recorded.kind == "NoMoreThreads"
    assert "`ulimit -u` or the container's limit" in failure_text(recorded)
    assert str(error).rpartition("] ")[2] in failure_text(recorded)


@pytest.mark.parametrize("error", [RuntimeError("odd"), FileNotFoundError(2, "no")], ids=repr)
def test_another_error_with_which_a_run_cannot_begin_stays_as_it_is(error: Exception) -> None:
    assert refusal(error) == JobError.of(error)


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
    (WorkerLost(pid=7, signal=9), "워커 프로세스 7이(가) 강제 종료되었습니다(시그널 9)"),
    (WorkerLost(workers=2), "워커 프로세스 2개 중 하나가 종료되었습니다"),
    (SchedulerLost(address="tcp://a:1"), "tcp://a:1의 Dask 스케줄러와 연결이 끊어졌습니다"),
    (NoWorkerProcess(limit=30.0), "30초 안에 시작된 워커 프로세스가 없습니다"),
]
"""Failures, and their sentences in Korean."""


def read_in_korean(error: JobError) -> str:
    def read() -> str:
        speak("ko")
        return failure_text(error)

    return copy_context().run(read)


@pytest.mark.parametrize(("failure", "korean"), FAILED, ids=str)
def test_a_failure_that_was_recorded_in_english_is_told_in_the_readers_language(
    failure: Exception, korean: str
) -> None:
    recorded = JobError.of(failure)
    assert recorded.message == str(failure) == failure_text(recorded)
    assert read_in_korean(recorded) == korean


@pytest.mark.parametrize("limit_mb", [None, 512])
def test_python_gives_no_message_where_memory_ends_and_a_reader_gets_one(
    limit_mb: int | None,
) -> None:
    recorded = error_from(json.loads(json.dumps(error_fields(out_of_memory(limit_mb)))))
    english = "there is no more memory", "a run may use 512 MB on this server"
    korean = "남은 메모리가 없습니다", "이 서버에서 실행 하나는 메모리를 512MB까지 쓸 수 있습니다"
    assert failure_text(recorded) == recorded.message == english[limit_mb is not None]
    assert read_in_korean(recorded) == korean[limit_mb is not None]


@pytest.mark.parametrize(("failure", "korean"), FAILED, ids=str)
def test_a_run_that_could_not_be_carried_out_says_why_in_the_readers_language(
    failure: Exception, korean: str
) -> None:
    recorded = JobError.of(failure)
    error = RunFailed(recorded.kind, said(recorded))

    def read() -> str:
        speak("ko")
        return str(error)

    assert str(error).endswith(f"{recorded.kind}: {failure}")
    assert copy_context().run(read).endswith(f"{recorded.kind}: {korean}")


@pytest.mark.parametrize(("failure", "korean"), FAILED, ids=str)
def test_a_failure_comes_by_the_pipe_and_out_of_a_worker_with_what_it_holds(
    failure: Exception, korean: str
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
        ("Disconnected", "other words", {}),
        ("MemoryError", "the program's own words", {}),
        ("WorkerLost", "worker process 7 ended", {}),
        ("WorkerLost", "worker process 7 ended", {"signal": 9}),
    ],
)
def test_the_words_of_others_are_shown_as_they_are(
    kind: str, message: str, values: dict[str, Value]
) -> None:
    error = JobError(kind=kind, message=message, values=tuple(values.items()))
    assert read_in_korean(error) == message
