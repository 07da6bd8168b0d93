"""What is recorded of trio: tasks as jobs, by its instruments, most of it on its virtual clock."""

import asyncio
import itertools
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.analysis.unknown import unknown
from core.jobs import OwnProgram
from core.recording import in_program, trio_runs, trio_tasks
from core.recording.events import NOBODY, Canceller, lane_name
from core.recording.file_recording import FileRecording
from core.recording.own_program import recorded_program
from core.recording.recorder import JobError, Recorder
from core.recording.sites import Sites
from core.recording.trio_tasks import TrioRun
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import On, Outcome, State, Timeline
from tests.core.recording.test_file_recording import recorded
from tests.kit.laws import assert_laws, assert_one_end_recorded_each
from tests.kit.needs import imported, posix_only
from tests.kit.virtual import MS, site_of, states, table

trio = imported("trio")
testing = imported("trio.testing")
WAITING, RUNNING = State.WAITING, State.RUNNING


class Clocks:
    """trio's clock that jumps instead of waiting, and the recorder's: 1 ns more at each reading."""

    def __init__(self) -> None:
        self.of_trio = testing.MockClock(autojump_threshold=0)
        self._ticks = itertools.count(1)

    def __call__(self) -> int:
        return int(self.of_trio.current_time() * 1e9 + 0.5) + next(self._ticks)


def timeline_of(recorder: Recorder, started_ns: int) -> Timeline:
    parcel = recorder.take()
    assert recorder.failure is None
    assert_one_end_recorded_each(table(parcel.events))
    timeline = assemble(
        OwnProgram(command=("program.py",), loops=tuple(recorder.loop_kinds)),
        Recording(
            events=parcel.events,
            started_ns=started_ns,
            returned_ns=recorder.clock(),
            sites=tuple(parcel.sites),
            job_names=dict(recorder.names),
            job_coroutines=dict(recorder.coroutines),
            job_results={number: repr(value) for number, value in recorder.results.items()},
            job_errors=dict(recorder.errors),
        ),
    )
    assert_laws(timeline)
    return timeline


def run(main: Callable[..., Awaitable[object]], *args: object, error: Any = None) -> Timeline:
    """Return what is recorded of a run on the virtual clock, which may fail with an error."""
    clocks = Clocks()
    recorder = Recorder(clock=clocks, indexed=False)
    started_ns = clocks()
    with recorded_program(recorder):
        if error is None:
            trio.run(main, *args, clock=clocks.of_trio)
        else:
            with pytest.raises(error):
                trio.run(main, *args, clock=clocks.of_trio)
    return timeline_of(recorder, started_ns)


def numbers(timeline: Timeline, coroutine: str) -> list[int]:
    """Return the jobs that run a coroutine, by the end of its name."""
    jobs = timeline.jobs
    named = zip(jobs.number.tolist(), jobs.coroutine, strict=True)
    return [number for number, name in named if name.rpartition(".")[2] == coroutine]


def waits(timeline: Timeline, job: int) -> list[tuple[On, int, str | None]]:
    """Return what a job waited for, for how many whole milliseconds, and where."""
    spans = timeline.spans
    rows = ((spans.job == job) & (spans.state == WAITING)).nonzero()[0].tolist()
    return [
        (
            On(int(spans.on[row])),
            int(spans.end_ns[row] - spans.start_ns[row]) // MS,
            timeline.site_name(int(spans.site[row])),
        )
        for row in rows
        if spans.end_ns[row] - spans.start_ns[row] >= MS
    ]


async def sleeps(seconds: float) -> float:
    await trio.sleep(seconds)
    return seconds


async def three_sleeps() -> str:
    async with trio.open_nursery() as nursery:
        for seconds in (0.1, 0.2, 0.3):
            nursery.start_soon(sleeps, seconds)
    return "done"


def test_tasks_of_a_nursery_are_jobs_that_wait_at_once() -> None:
    timeline = run(three_sleeps)
    main, *children = timeline.jobs.number.tolist()
    assert timeline.jobs.name == (f"{__name__}.three_sleeps", *[f"{__name__}.sleeps"] * 3)
    assert timeline.jobs.coroutine == ("three_sleeps", "sleeps", "sleeps", "sleeps")
    assert timeline.jobs.result == ("'done'", "0.1", "0.2", "0.3")
    assert timeline.jobs.outcome == (Outcome.OK,) * 4
    here = site_of(sleeps, "trio.sleep")
    assert [waits(timeline, job) for job in children] == [
        [(On.TIMER, ms, here)] for ms in (100, 200, 300)
    ]
    assert waits(timeline, main) == [(On.TASK, 300, site_of(three_sleeps, "open_nursery"))]
    assert states(timeline, children[0]) == [State.READY, RUNNING, WAITING, State.READY, RUNNING]
    made = timeline.spans.site[timeline.spans.job == children[0]][0]
    assert timeline.site_name(int(made)) == site_of(three_sleeps, "start_soon")


async def waits_for(kind: str) -> None:
    """Wait 50 ms on one thing of trio's."""
    event, lock, semaphore = trio.Event(), trio.Lock(), trio.Semaphore(0)
    condition, limiter = trio.Condition(), trio.CapacityLimiter(1)
    sending, receiving = trio.open_memory_channel(0)

    async def lets_go() -> None:
        async with lock, limiter:
            await trio.sleep(0.05)
        semaphore.release()
        event.set()
        async with condition:
            condition.notify()
        await (receiving.receive() if kind == "send" else sending.send(1))

    async def is_notified() -> None:
        async with condition:
            await condition.wait()

    async def starts(task_status: Any) -> None:
        await trio.sleep(0.05)
        task_status.started()

    begins: dict[str, Callable[[], Awaitable[object]]] = {
        "event": event.wait,
        "lock": lock.acquire,
        "semaphore": semaphore.acquire,
        "limiter": limiter.acquire,
        "condition": is_notified,
        "receive": receiving.receive,
        "send": lambda: sending.send(1),
        "started": lambda: nursery.start(starts),
    }

    async def one() -> None:
        await begins[kind]()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(lets_go)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(one)
        await trio.sleep(0.1)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("kind", "on"),
    [
        ("event", On.EVENT),
        ("lock", On.LOCK),
        ("semaphore", On.SEMAPHORE),
        ("limiter", On.SEMAPHORE),
        ("condition", On.CONDITION),
        ("receive", On.QUEUE),
        ("send", On.QUEUE),
        ("started", On.TASK),
    ],
)
def test_a_wait_has_its_line_and_what_it_is_on(kind: str, on: On) -> None:
    timeline = run(waits_for, kind)
    (job,) = numbers(timeline, "one")
    line = "condition.wait()" if kind == "condition" else "begins[kind]()"
    assert waits(timeline, job) == [(on, 50, site_of(waits_for, line))]
    assert timeline.jobs.outcome[job] is Outcome.OK


async def woken() -> None:
    event = trio.Event()

    async def wakes() -> None:
        await trio.sleep(0.01)
        event.set()

    async def waits_for_it() -> None:
        await event.wait()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wakes)
        nursery.start_soon(waits_for_it)


def test_who_wakes_a_task_is_known() -> None:
    timeline = run(woken)
    (wakes,), (waiter,) = numbers(timeline, "wakes"), numbers(timeline, "waits_for_it")
    spans = timeline.spans
    ready = (spans.job == waiter) & (spans.state == State.READY)
    assert spans.waker[ready].tolist() == [0, wakes]
    of_wakes = (spans.job == wakes) & (spans.state == State.READY)
    assert spans.waker[of_wakes].tolist() == [0, NOBODY]


async def yields() -> None:
    await trio.lowlevel.checkpoint()
    await trio.sleep(0)


def test_a_checkpoint_leaves_its_task_ready() -> None:
    assert states(run(yields), 0) == [State.READY, RUNNING] * 3


async def fails_and_cancels() -> None:
    async def fails() -> None:
        await trio.sleep(0.02)
        raise ValueError("on purpose")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(fails)
        nursery.start_soon(sleeps, 9)
        nursery.start_soon(trio.sleep_forever)


def told(timeline: Timeline, job: int) -> tuple[int, Canceller, int]:
    jobs = timeline.jobs
    how, by = Canceller(int(jobs.cancelled_how[job])), int(jobs.cancelled_by[job])
    return int(jobs.cancelled_ns[job]) // MS, how, by


def test_a_task_that_fails_cancels_the_others_of_its_nursery() -> None:
    timeline = run(fails_and_cancels, error=ExceptionGroup)
    (failed,) = numbers(timeline, "fails")
    jobs = timeline.jobs
    assert jobs.outcome[0] is jobs.outcome[failed] is Outcome.FAILED
    assert jobs.error[0] is not None
    assert jobs.error[0].kind == "ExceptionGroup"
    assert jobs.error[failed] == JobError(kind="ValueError", message="on purpose")
    cancelled = [*numbers(timeline, "sleeps"), *numbers(timeline, "sleep_forever")]
    assert [jobs.outcome[job] for job in cancelled] == [Outcome.CANCELLED] * 2
    assert [told(timeline, job) for job in cancelled] == [(20, Canceller.JOB, failed)] * 2
    assert (jobs.cancelled_ns[cancelled] >= jobs.ended_ns[failed]).all()


async def times_out() -> None:
    async def cleans_up() -> None:
        try:
            await trio.sleep(9)
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(0.01)
            await trio.sleep(0)

    async def has_own() -> str:
        with trio.move_on_after(0.02):
            await trio.sleep(9)
        return "moved on"

    with trio.move_on_after(0.05):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(cleans_up)
            nursery.start_soon(has_own)


def test_a_time_out_cancels_by_the_job_that_has_set_it() -> None:
    timeline = run(times_out)
    (cleans,), (own,) = numbers(timeline, "cleans_up"), numbers(timeline, "has_own")
    jobs = timeline.jobs
    assert jobs.outcome == (Outcome.OK, Outcome.CANCELLED, Outcome.OK)
    assert told(timeline, cleans) == (50, Canceller.TIMEOUT, 0)
    assert jobs.ended_ns[cleans] // MS == 60
    # what its own scope catches is no cancellation of a task
    assert (jobs.result[own], jobs.cancelled_ns[own]) == ("'moved on'", NOBODY)


async def cancelled_by_job() -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(sleeps, 9)
        await trio.sleep(0.03)
        nursery.cancel_scope.cancel()


async def born_cancelled() -> None:
    async with trio.open_nursery() as nursery:
        nursery.cancel_scope.cancel()
        nursery.start_soon(sleeps, 9)


@pytest.mark.parametrize(
    ("main", "expected"),
    [
        (cancelled_by_job, (30, Canceller.JOB, 0)),
        (born_cancelled, (0, Canceller.UNKNOWN, NOBODY)),
    ],
)
def test_who_cancels_is_known_where_it_was_seen(main: Any, expected: object) -> None:
    timeline = run(main)
    assert timeline.jobs.outcome == (Outcome.OK, Outcome.CANCELLED)
    assert told(timeline, 1) == expected


async def holds(clock: Any) -> None:
    async def busy() -> None:
        clock.jump(0.04)
        await trio.sleep(0.01)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(busy)


def test_a_step_that_holds_the_loop_is_as_long_as_it_was() -> None:
    clocks = Clocks()
    recorder = Recorder(clock=clocks, indexed=False)
    started_ns = clocks()
    with recorded_program(recorder):
        trio.run(holds, clocks.of_trio, clock=clocks.of_trio)
    timeline = timeline_of(recorder, started_ns)
    spans = timeline.spans
    (job,) = numbers(timeline, "busy")
    ran_ns = spans.duration_ns[(spans.job == job) & (spans.state == RUNNING)]
    assert (ran_ns // MS).tolist() == [40, 0]
    steps = timeline.steps
    assert ((steps.end_ns - steps.start_ns) // MS).max() == 40


async def main_of_two(seconds: float) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(sleeps, seconds)


def test_each_run_is_a_loop_of_its_own() -> None:
    clocks = Clocks()
    recorder = Recorder(clock=clocks, indexed=False)
    started_ns = clocks()
    with recorded_program(recorder):
        trio.run(main_of_two, 0.1, clock=clocks.of_trio)
        trio.run(main_of_two, 0.2, clock=testing.MockClock(autojump_threshold=0))
    timeline = timeline_of(recorder, started_ns)
    spans = timeline.spans
    lanes = [{lane_name(int(lane)) for lane in spans.lane[spans.job == job]} for job in range(4)]
    assert lanes == [{"loop"}, {"loop"}, {"loop-2"}, {"loop-2"}]
    assert timeline.program.loops == ("trio",)  # type: ignore[union-attr]


async def hands_over() -> list[int]:
    limiter = trio.CapacityLimiter(1)
    found: list[int] = []

    async def one(text: str) -> None:
        found.append(await trio.to_thread.run_sync(int, text, limiter=limiter))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(one, "7")
        nursery.start_soon(one, "x")
    return found


def test_a_call_for_a_thread_is_a_job_that_works_there() -> None:
    timeline = run(hands_over, error=ExceptionGroup)
    jobs, spans = timeline.jobs, timeline.spans
    calls = [number for number, name in enumerate(jobs.name) if name == "int"]
    worked = [spans.lane[(spans.job == job) & (spans.state == State.WORKING)] for job in calls]
    assert {lane_name(int(lane)) for lanes in worked for lane in lanes} == {"thread-1"}
    assert sorted(jobs.outcome[job] for job in calls) == [Outcome.FAILED, Outcome.OK]
    waited = {
        On(int(on))
        for job in numbers(timeline, "one")
        for on in spans.on[(spans.job == job) & (spans.state == WAITING)]
    }
    # the second one waits for the limiter before a thread has its call
    assert waited == {On.EXECUTOR, On.SEMAPHORE}
    assert sorted(jobs.parent[calls].tolist()) == numbers(timeline, "one")


async def makes_what_is_not_its_own() -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.sleep, 0.01)
    process = await trio.run_process([sys.executable, "-c", ""], capture_stdout=True)
    assert process.returncode == 0


@pytest.mark.real
def test_who_made_a_task_is_known_and_whether_it_is_a_librarys(tmp_path: Path) -> None:
    with FileRecording(tmp_path / "it.loopscope"):
        trio.run(makes_what_is_not_its_own)
    timeline = recorded(tmp_path / "it.loopscope")
    jobs = timeline.jobs
    assert jobs.coroutine[:2] == ("makes_what_is_not_its_own", "sleep")
    assert jobs.parent[:2].tolist() == [NOBODY, 0]
    assert [bool(each) for each in jobs.library[:2]] == [False, False]
    # what reads the output and waits for the end of the process
    assert len(jobs) > 2
    assert jobs.library[2:].all()


async def in_own_thread() -> object:
    return await trio.to_thread.run_sync(threading.get_ident)


def test_a_program_without_trio_is_left_alone() -> None:
    before = trio._core._instrumentation.Instruments.__init__
    start = trio._threads.start_thread_soon
    run(in_own_thread)
    assert trio._core._instrumentation.Instruments.__init__ is before
    assert trio._threads.start_thread_soon is start


async def joined_in_the_midst(recorder: Recorder) -> None:
    async def begins() -> None:
        await trio.sleep(0.01)
        with recorded_program(recorder):
            await trio.sleep(0.05)
        recorder.stop()
        await trio.sleep(0.01)
        assert not trio.lowlevel.current_task()._runner.instruments.get("before_task_step")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(sleeps, 0.04)
        nursery.start_soon(begins)


def test_a_recording_may_begin_and_end_in_a_run_that_goes_on() -> None:
    clocks = Clocks()
    recorder = Recorder(clock=clocks, indexed=False)

    async def main() -> None:
        await joined_in_the_midst(recorder)

    trio.run(main, clock=clocks.of_trio)
    assert recorder.joined
    assert recorder.failure is None
    assert set(recorder.coroutines.values()) == {
        "joined_in_the_midst.<locals>.begins",
        main.__qualname__,
        "sleeps",
    }


def test_the_file_says_what_is_not_known_of_trio() -> None:
    (said,) = unknown(run(three_sleeps))
    assert said.startswith("Of trio, it is not recorded who holds a lock")


def blocks() -> None:
    time.sleep(0.1)


async def keeps_another_waiting() -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(sleeps, 0.05)
        await trio.testing.wait_all_tasks_blocked()
        blocks()


@pytest.mark.real
def test_what_holds_the_loop_is_named_and_who_was_due_was_ready(tmp_path: Path) -> None:
    with FileRecording(tmp_path / "it.loopscope"):
        trio.run(keeps_another_waiting)
    timeline = recorded(tmp_path / "it.loopscope")
    spans = timeline.spans
    held = (spans.job == 0) & (spans.state == RUNNING) & (spans.duration_ns >= 90 * MS)
    assert [timeline.site_name(int(site)) for site in spans.site[held]] == [
        site_of(blocks, "time.sleep")
    ]
    (job,) = numbers(timeline, "sleeps")
    late = (spans.job == job) & (spans.state == State.READY)
    # due after 50 ms, and the loop came to it after 100
    assert spans.duration_ns[late].max() >= 10 * MS
    assert spans.start_ns[late][-1] < spans.end_ns[held][0]


@pytest.mark.real
def test_loops_of_both_kinds_are_recorded_side_by_side(tmp_path: Path) -> None:
    async def outer() -> None:
        await asyncio.gather(asyncio.to_thread(trio.run, three_sleeps), asyncio.sleep(0.01))

    with FileRecording(tmp_path / "it.loopscope"):
        asyncio.run(outer())
    timeline = recorded(tmp_path / "it.loopscope")
    assert timeline.program.loops == ("asyncio", "trio")  # type: ignore[union-attr]
    spans = timeline.spans
    of_trio = [*numbers(timeline, "three_sleeps"), *numbers(timeline, "sleeps")]
    on_loop = np.isin(spans.job, of_trio)
    assert {lane_name(int(lane)) for lane in spans.lane[on_loop]} == {"loop-2"}
    assert {lane_name(int(lane)) for lane in timeline.steps.lane} == {"loop", "loop-2"}


@pytest.mark.real
def test_a_recorded_coroutine_function_is_in_its_recording_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "it.loopscope"

    async def main() -> str:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sleeps, 0.01)
        return "done"

    block = in_program.Block(path)
    assert trio.run(block(main)) == "done"
    timeline = recorded(path)
    assert timeline.jobs.outcome == (Outcome.OK, Outcome.OK)
    assert timeline.jobs.result[0] == "done"


@posix_only("a process that sends a signal to itself")
def test_a_ctrl_c_within_the_recorder_is_the_program_s() -> None:
    interrupts = [False]
    clocks = Clocks()

    def clock() -> int:
        if interrupts[0]:
            interrupts[0] = False
            signal.raise_signal(signal.SIGINT)
        return clocks()

    recorder = Recorder(clock=clock, indexed=False)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            interrupts[0] = True
            nursery.start_soon(trio.sleep, 1)

    with recorded_program(recorder), pytest.raises(BaseExceptionGroup) as raised:
        trio.run(main, clock=clocks.of_trio)
    assert [type(each) for each in raised.value.exceptions] == [KeyboardInterrupt]
    timeline = timeline_of(recorder, 0)
    assert timeline.jobs.outcome == (Outcome.FAILED, Outcome.CANCELLED)


PARTS: list[tuple[Any, str]] = [
    *((Recorder, name) for name in ("create", "lane_of_new_loop")),
    *((Sites, name) for name in ("of_suspended", "of_running", "of_function")),
    *((TrioRun, name) for name in ("_new_task", "_note_cancellation", "_wait_of", "_outcome")),
    *((trio_tasks, name) for name in ("cancelling", "turns_of", "retained", "bounded")),
    *((trio_runs, name) for name in ("called_by", "ThreadCall")),
]


async def everything() -> object:
    with trio.move_on_after(0.01):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
    return await trio.to_thread.run_sync(int, "7")


@pytest.mark.parametrize(("owner", "name"), PARTS, ids=lambda part: getattr(part, "__name__", part))
def test_a_part_that_fails_ends_the_recording_and_not_the_program(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError(f"{name} fails on purpose")

    clocks = Clocks()
    recorder = Recorder(clock=clocks, indexed=False)
    monkeypatch.setattr(owner, name, fails)
    with recorded_program(recorder):
        assert trio.run(everything, clock=clocks.of_trio) == 7
    assert recorder.failure is not None
    assert recorder.failure.startswith(f"ZeroDivisionError: {name} fails on purpose")
    assert not caplog.records
