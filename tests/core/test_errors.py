"""Each error builds its own sentence."""

import ast
import math
import pkgutil
import sys
from collections.abc import Iterator
from contextvars import copy_context
from importlib import import_module
from pathlib import Path

import pytest

import core
from core import errors
from core.errors import BadValue, Role, Stuck, check_one_of, check_seconds, check_share, check_whole
from core.measuring.forking import ZygoteGone
from core.own_code.errors import OwnCodeOff, TooManyProcesses
from core.processes import NotUp
from core.recording.attach import NotAttached
from core.recording.errors import RECORDING_ERRORS, RecordingError, places_in
from core.recording.recorder import JobError
from core.recording.recording_file import DamagedBlock
from core.text.language import lazy, speak
from core.workloads.failures import FAILURES, RefusedByServer, ServiceFailure, said
from tests.kit.needs import need_packages

ROOT = Path(__file__).resolve().parents[2]
FULL = (
    "this server is full: 20 runs wait for their turn already, which is its limit; "
    "try again in a moment"
)
ADVICE = "Use fewer tasks or a shorter sleep"
SENTENCES = [
    (
        errors.BadValue("workers", 0, "it must be at least 1"),
        "workers is 0; it must be at least 1",
    ),
    (errors.BadValue("name", "ü", "it must not"), "name is 'ü'; it must not"),
    (errors.BadValue("tasks", 10**5000, "no"), f"tasks is {hex(10**5000)[:59]}…; no"),
    (errors.BadFile("jobs[0].id", "it is 3"), "jobs[0].id: it is 3"),
    (errors.BadFile("", "it ends\nhere"), r"it ends\nhere"),
    (errors.BadUsage("no COMMAND"), "no COMMAND; `python -m core --help` says what is allowed"),
    (errors.NoOutput(), "standard output is closed; write to a file, or open it"),
    (
        errors.TooLong("sequential", 1234.56, 60),
        f"sequential would take 1,234.6 s at best; the limit is 60 s. {ADVICE}",
    ),
    (
        errors.TooLong("sequential", 5, 3, "as we like it"),
        f"sequential would take 5.0 s at best; the limit is 3 s, as we like it. {ADVICE}",
    ),
    (
        errors.PythonTooOld("gather", "3.12", "3.11.7"),
        "gather needs Python 3.12 or newer; this is Python 3.11.7",
    ),
    (
        errors.TooLong("sequential", 5, 3, at_most=True),
        f"sequential could take up to 5.0 s; the limit is 3 s. {ADVICE}",
    ),
    (
        errors.ServerFull(20),
        FULL,
    ),
    (errors.ResultEvicted(), "this result was dropped to free memory; run again"),
    (errors.RunStopped(), "the run was stopped"),
    (errors.TimeLimitReached(12.5), "the run was ended after 12.5 s, its time limit"),
    (
        errors.ChildLost(-9),
        "the measuring process ended unexpectedly (signal 9); run again",
    ),
    (
        errors.ChildLost(3),
        "the measuring process ended unexpectedly (exit code 3); run again",
    ),
    (
        errors.FramesGarbled(),
        "the measuring process sent what is no recording, so it was ended; run again",
    ),
    (
        errors.ProcessStuck(12.5, Stuck(Role.POOL, 42)),
        (
            "the run was ended after 12.5 s, its time limit: a process of the pool (process 42) "
            "stood still, as after SIGSTOP; run again"
        ),
    ),
    (
        errors.ZygoteLost(42, was_stuck=True),
        (
            "the process that forks the measuring processes (zygote, 42) did not answer and was "
            "replaced, and the run ended with it; run again"
        ),
    ),
    (
        errors.ZygoteLost(42, was_stuck=False),
        (
            "the process that forks the measuring processes (zygote, 42) ended unexpectedly, and "
            "the run with it; run again"
        ),
    ),
    (
        errors.RunFailed("RuntimeError", "can't start new thread"),
        "the run could not be carried out: RuntimeError: can't start new thread",
    ),
    (
        errors.ServiceUnavailable("PostgreSQL", "connection refused", "start it"),
        "PostgreSQL cannot be used: connection refused; start it",
    ),
    (
        errors.ServerFull(1_000),
        (
            "this server is full: 1,000 runs wait for their turn already, which is its limit; "
            "try again in a moment"
        ),
    ),
]


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=[text for _, text in SENTENCES])
def test_an_error_says_what_happened(error: errors.LoopscopeError, sentence: str) -> None:
    assert str(error) == sentence


def test_every_error_has_its_sentence_pinned() -> None:
    abstract = {errors.LoopscopeError, errors.RunEndedEarly}
    classes = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.LoopscopeError)
    }
    assert {type(error) for error, _ in SENTENCES} == classes - abstract


READ_IN_KOREAN = [
    (
        errors.BadValue("tasks", 0, lazy("it must be at least 1")),
        "tasks 값이 0입니다. 1 이상이어야 합니다",
    ),
    (
        errors.BadFile("a.json", errors.BadFile("", lazy("it is nested too deeply"))),
        "a.json: 중첩이 너무 깊습니다",
    ),
    (
        errors.TooLong("sequential", 5, 3, lazy("as the operator of this server has set it")),
        (
            "sequential 패턴은 아무리 빨라도 5.0초가 걸립니다. 한도: 3초, "
            "이 서버의 운영자가 정한 한도입니다. 작업 수나 sleep 시간을 줄이세요"
        ),
    ),
    (
        TooManyProcesses(64),
        "동시에 64개가 넘는 프로세스를 띄워 실행을 끝냈습니다",
    ),
    (
        OwnCodeOff(lazy("The operator of this server has switched off own code.")),
        "이 서버의 운영자가 내 코드 실행을 꺼 두었습니다.",
    ),
    (errors.ResultEvicted(), "메모리를 확보하기 위해 이 결과를 지웠습니다. 다시 실행하세요"),
    (
        errors.ServiceUnavailable(
            lazy("the HTTP server"),
            OSError(lazy("it closed the connection")),
            lazy("install what requirements.txt names"),
        ),
        (
            "HTTP 서버 사용 불가: 상대가 연결을 닫았습니다. "
            "requirements.txt에 있는 패키지를 설치하세요"
        ),
    ),
]


@pytest.mark.parametrize(("error", "korean"), READ_IN_KOREAN, ids=str)
def test_an_error_is_told_in_the_language_of_who_reads_it(
    error: errors.LoopscopeError, korean: str
) -> None:
    def read() -> str:
        speak("ko")
        return str(error)

    english = str(error)
    assert copy_context().run(read) == korean
    assert str(error) == english != korean


BASES = {errors.LoopscopeError, errors.RunEndedEarly, RecordingError}
BASES |= {ServiceFailure, RefusedByServer}
HOLD_A_REASON = {DamagedBlock, NotAttached, NotUp, ZygoteGone}
"""Another error is raised from them, with what they hold as its reason, or a command that speaks
English only, as `loopscope` does, prints it."""


def of_every_class() -> Iterator[Exception]:
    """Yield errors with every sentence of every class: those of a child as they come out of it."""
    yield from (error for error, _korean in READ_IN_KOREAN)
    yield from (error for error, _text in SENTENCES if type(error) is not errors.BadFile)
    yield from (errors.BadUsage("what argparse says"), errors.NoOutput())
    for each in RECORDING_ERRORS:
        yield from (each(**dict.fromkeys(places_in(text), 7)) for text in each.sentences)
    for failure in FAILURES.values():
        yield failure(**dict.fromkeys(places_in(failure.sentence.source), 7))


NOT_IMPORTED = {"core.__main__"} | ({"core.measuring.zygote"} if sys.platform != "linux" else set())
"""What begins to work as it is imported, and what can be imported on Linux alone."""


def test_a_korean_reader_reads_every_error_class_of_core_in_korean() -> None:
    def in_korean() -> str:
        speak("ko")
        is_of_child = isinstance(error, RecordingError | ServiceFailure)
        return str(said(JobError.of(error)) if is_of_child else error)

    need_packages("plotly", "PIL")
    modules = [each.name for each in pkgutil.walk_packages(core.__path__, "core.")]
    there = {
        each
        for name in modules
        if not name.startswith("core.patterns.") and name not in NOT_IMPORTED
        for each in vars(import_module(name)).values()
        if isinstance(each, type)
        and issubclass(each, Exception)
        and each.__module__.startswith("core.")
    }
    met = set()
    for error in of_every_class():
        met.add(type(error))
        assert copy_context().run(in_korean) != str(error), type(error)
    assert met == there - BASES - HOLD_A_REASON


def test_no_error_is_given_a_sentence_in_the_language_of_who_raises_it() -> None:
    raised = {name for name, each in vars(errors).items() if isinstance(each, type)}
    raised |= {each.__name__ for each in (*RECORDING_ERRORS, *FAILURES.values())}
    made = []
    for path in sorted((ROOT / "core").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in raised:
                made += [
                    f"{path.relative_to(ROOT)}:{inner.lineno}"
                    for part in (*node.args, *node.keywords)
                    for inner in ast.walk(part)
                    if isinstance(inner, ast.Call)
                    and getattr(inner.func, "id", "") in ("_", "ngettext")
                ]
    assert made == []


BECAUSE = "because it is a test"


@pytest.mark.parametrize("given", [1, 7])
def test_whole_numbers_up_to_the_most_are_good(given: int) -> None:
    assert check_whole("tasks", given, most=7, why=BECAUSE) == given


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (0, "tasks is 0; it must be at least 1"),
        (8, "tasks is 8; it must be at most 7, because it is a test"),
        (1.0, "tasks is 1.0; it must be a whole number"),
        (True, "tasks is True; it must be a whole number"),
        ("1", "tasks is '1'; it must be a whole number"),
    ],
)
def test_any_other_number_is_refused_with_what_is_allowed(given: object, sentence: str) -> None:
    with pytest.raises(BadValue) as refusal:
        check_whole("tasks", given, most=7, why=BECAUSE)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("given", [math.nan, math.inf, -0.1, True, "1", None])
def test_seconds_are_numbers_between_nothing_and_the_most(given: object) -> None:
    assert check_seconds("sleep", 2, most=2, why="as no run is longer") == 2.0
    with pytest.raises(BadValue, match=r"^sleep is "):
        check_seconds("sleep", given, most=2, why="as no run is longer")


@pytest.mark.parametrize("given", [math.nan, 1.1, -0.1, True, "1", None])
def test_a_share_lies_between_nothing_and_all(given: object) -> None:
    assert check_share("rate", 1) == 1.0
    with pytest.raises(BadValue, match="it must be a share from 0 to 1"):
        check_share("rate", given)


def test_a_word_is_one_of_those_allowed() -> None:
    assert check_one_of("pattern", "b", ("a", "b")) == "b"
    with pytest.raises(BadValue, match="pattern is 'c'; it must be one of a, b"):
        check_one_of("pattern", "c", ("a", "b"))
