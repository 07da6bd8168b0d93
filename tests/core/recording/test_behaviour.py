"""Law 6: a program behaves as it does without the recorder."""

import asyncio
import gc
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from core.recording.loop import RecordingLoop
from core.recording.marks import MarkedCoroutineJob
from core.recording.recorder import Recorder
from tests.kit.programs import Program, Run, programs
from tests.kit.quiet import quiet
from tests.kit.virtual import BareLoop, VirtualClock, VirtualSelector

EAGER = pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
Pattern = Callable[[Any, int], Any]
Heard = tuple[str, list[str]]


@given(programs())
def test_any_program_does_the_same_with_and_without_the_recorder(program: Program) -> None:
    assert seen_recorded(program) == seen_bare(program)


@EAGER
@given(programs(eager=True))
def test_eager_tasks_do_the_same_with_and_without_the_recorder(program: Program) -> None:
    assert seen_recorded(program) == seen_bare(program)


@settings(max_examples=20)
@given(programs(debug=True))
def test_debug_mode_says_the_same_with_and_without_the_recorder(program: Program) -> None:
    assert seen_recorded(program) == seen_bare(program)


Seen = tuple[list[tuple[Any, ...]], Heard]
"""What a program did, in order, and what could be heard of it from outside."""


def seen_bare(program: Program) -> Seen:
    """Run a program; time stands still between timers, so that it repeats exactly."""
    run = Run(program)
    heard = heard_bare(run.pattern, run.workload, run.forget)
    return run.trace, heard


def seen_recorded(program: Program) -> Seen:
    """Run a program in the same way under the recorder."""
    run = Run(program)
    heard = heard_recorded(run.pattern, run.workload, run.forget)
    return run.trace, heard


def heard_bare(pattern: Pattern, job: Any, forget: Callable[[], object] = list) -> Heard:
    """Return how a pattern came back on asyncio's own loop, and what was said on the side."""
    return _heard(pattern, job, lambda: BareLoop(VirtualClock(0)), forget)


def heard_recorded(pattern: Pattern, job: Any, forget: Callable[[], object] = list) -> Heard:
    """Return the same with marked jobs on a recording loop."""
    clock = VirtualClock(0)
    recorder = Recorder(clock=clock)
    marked = MarkedCoroutineJob(job, recorder)
    return _heard(pattern, marked, lambda: RecordingLoop(recorder, VirtualSelector(clock)), forget)


def _heard(
    pattern: Pattern,
    job: Any,
    make_loop: Callable[[], asyncio.AbstractEventLoop],
    forget: Callable[[], object],
) -> Heard:
    with quiet(forget) as said:
        outcome = _outcome(pattern, job, make_loop)
    return outcome, said


def _outcome(pattern: Pattern, job: Any, make_loop: Callable[[], asyncio.AbstractEventLoop]) -> str:
    with asyncio.Runner(loop_factory=make_loop) as runner:
        try:
            return repr(runner.run(pattern(job, 1)))
        except (Exception, asyncio.CancelledError) as error:
            return f"{error!r} {error.args} {error.__cause__!r} {error.__context__!r}"


async def job(index: int) -> int:
    """Return an index, a step later."""
    await asyncio.sleep(0.001)
    return index


async def failing(index: int) -> int:
    raise ValueError(f"job {index} fails")


async def lost_for_ever(index: int) -> None:
    await asyncio.get_running_loop().create_future()


def assert_both_say(pattern: Pattern, the_job: Any, said: list[str]) -> None:
    without = heard_bare(pattern, the_job)
    assert without[1] == said
    assert heard_recorded(pattern, the_job) == without


def test_an_exception_that_nobody_asks_for_is_reported() -> None:
    async def forgets(job: Any, count: int) -> str:
        asyncio.create_task(job(7))  # noqa: RUF006
        await asyncio.sleep(1)
        return "done"

    assert_both_say(
        forgets,
        failing,
        [
            "ERROR: Task exception was never retrieved ['failing()'] ValueError('job 7 fails')",
        ],
    )


@pytest.mark.parametrize("heard", [heard_bare, heard_recorded])
def test_a_task_that_failed_goes_as_soon_as_it_is_dropped(
    heard: Callable[[Pattern, Any], Heard],
) -> None:
    async def drops(job: Any, count: int) -> bool:
        tasks = [asyncio.create_task(job(7))]
        await asyncio.sleep(1)
        task = weakref.ref(tasks[0])
        tasks.clear()
        return task() is None

    assert heard(drops, failing)[0] == "True"


def test_a_pending_task_that_is_destroyed_is_reported() -> None:
    async def drops(job: Any, count: int) -> str:
        asyncio.create_task(job(7))  # noqa: RUF006
        await asyncio.sleep(0.001)
        gc.collect()
        return "done"

    assert_both_say(
        drops,
        lost_for_ever,
        ["ERROR: Task was destroyed but it is pending! ['lost_for_ever()'] None"],
    )


def test_a_coroutine_that_is_never_awaited_is_reported_by_the_workloads_name() -> None:
    async def forgets(job: Any, count: int) -> str:
        job(0)
        return "done"

    assert_both_say(forgets, job, ["RuntimeWarning: coroutine 'job' was never awaited"])


def test_a_message_of_cancellation_reaches_the_job_and_comes_back() -> None:
    heard: list[str] = []

    async def hears(index: int) -> None:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError as error:
            heard.append(str(error))
            raise

    async def cancels(job: Any, count: int) -> None:
        task = asyncio.create_task(job(0))
        await asyncio.sleep(0)
        task.cancel("that is enough")
        await task

    assert heard_recorded(cancels, hears) == heard_bare(cancels, hears)
    assert heard == ["that is enough"] * 2


def test_a_tasks_repr_names_the_workload() -> None:
    async def names(job: Any, count: int) -> str:
        task = asyncio.create_task(job(0), name="my task")
        text = repr(task).split(" running at ")[0]
        await task
        return text

    assert heard_recorded(names, job) == heard_bare(names, job)
    assert heard_bare(names, job)[0] == repr("<Task pending name='my task' coro=<job()")


@pytest.mark.parametrize("make", [asyncio.Task, asyncio.tasks._PyTask])  # type: ignore[attr-defined]
def test_a_failed_task_that_nobody_keeps_is_told_of_at_once_whatever_it_is_written_in(
    make: Any,
) -> None:
    async def pattern(job: Any, count: int) -> list[str]:
        told: list[str] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(context["message"]))
        make(job(7), loop=loop)
        await asyncio.sleep(0)
        return list(told)

    assert heard_recorded(pattern, failing) == heard_bare(pattern, failing)
    assert "never retrieved" in heard_bare(pattern, failing)[0]
