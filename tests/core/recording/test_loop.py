"""The recording loop, step by step on the virtual clock."""

import asyncio
import contextlib
import socket
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.jobs import JobKind
from core.patterns import PATTERNS
from core.recording.events import NOBODY, LaneKind, lane_code
from core.recording.loop import LoopRecording, RecordingLoop, recorded_loops
from core.recording.loop_classes import recording_class
from core.recording.recorder import JobError, Recorder
from core.timeline.timeline import LOOP, On, Spans, State, Timeline
from tests.kit.laws import assert_laws
from tests.kit.virtual import (
    MS,
    BareLoop,
    Ran,
    VirtualClock,
    pattern_of,
    run_here,
    run_virtually,
    states,
)

LIMIT_S = 10.0
EAGER = pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
Job = Callable[[int], Any]


def waits(timeline: Timeline, job: int) -> list[On]:
    """Return what a job waited for, in order."""
    spans = timeline.spans
    selected = (spans.job == job) & (spans.state == State.WAITING)
    return [On(int(on)) for on in spans.on[selected]]


async def awaits_everything(index: int) -> None:
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.1)
    future = loop.create_future()
    loop.call_soon(future.set_result, None)
    await future
    await asyncio.create_task(asyncio.sleep(0.1))
    await asyncio.sleep(0)


def test_a_job_waits_for_what_it_awaits() -> None:
    timeline = run_virtually(PATTERNS["gather"], awaits_everything, 1).timeline
    assert waits(timeline, 0) == [On.START, On.TIMER, On.FUTURE, On.TASK]


def test_a_job_that_yields_is_ready_at_once() -> None:
    async def job(index: int) -> None:
        await asyncio.sleep(0)

    timeline = run_virtually(PATTERNS["sequential"], job, 1).timeline
    assert states(timeline, 0) == [State.READY, State.RUNNING, State.READY, State.RUNNING]


def test_a_job_that_awaits_a_thread_waits_for_an_executor() -> None:
    async def job(index: int) -> None:
        suspended = threading.Event()
        asyncio.get_running_loop().call_soon(suspended.set)
        await asyncio.to_thread(suspended.wait, LIMIT_S)

    timeline = run_here(PATTERNS["gather"], job, 1).timeline
    assert waits(timeline, 0)[1:] == [On.EXECUTOR]


def run_in_own_pool(
    workers: int, count: int, work: Callable[[int], Any] = lambda index: index
) -> Ran:
    """Run a pattern that makes a pool of threads for its jobs by itself."""

    async def pattern(job: Job, count: int) -> list[Any]:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(workers) as pool:
            futures = [loop.run_in_executor(pool, job, index) for index in range(count)]
            return await asyncio.gather(*futures)

    ran = run_here(pattern_of(pattern, JobKind.BLOCKING), work, count)
    assert_laws(ran.timeline, jobs=count)
    return ran


def test_jobs_in_a_pool_of_the_patterns_own_are_queued_and_work_in_its_threads() -> None:
    ran = run_in_own_pool(workers=1, count=3)
    assert ran.returned.value == [0, 1, 2]
    assert ran.timeline.jobs.result == ("0", "1", "2")
    assert ran.timeline.worker_lanes == ("thread-1",)
    assert [states(ran.timeline, job) for job in range(3)] == [[State.QUEUED, State.WORKING]] * 3


def test_a_job_that_fails_in_a_pool_of_the_patterns_own_fails_where_it_is_awaited() -> None:
    ran = run_in_own_pool(1, 1, lambda index: int("no number"))
    assert ran.timeline.jobs.outcome == ("failed",)
    assert ran.returned.error is not None
    assert ran.returned.error.kind == "ValueError"


def test_other_calls_in_a_pool_of_the_programs_own_are_waited_for_as_executors() -> None:
    async def job(index: int) -> int:
        loop, suspended = asyncio.get_running_loop(), threading.Event()
        loop.call_soon(suspended.set)
        with ThreadPoolExecutor(1) as pool:
            return await loop.run_in_executor(pool, lambda: 7 if suspended.wait(LIMIT_S) else 0)

    ran = run_here(PATTERNS["gather"], job, 1)
    assert_laws(ran.timeline, jobs=1)
    assert ran.returned.value == [7]
    assert waits(ran.timeline, 0)[1:] == [On.EXECUTOR]
    assert ran.timeline.worker_lanes == ()


def test_a_queued_job_in_a_pool_of_the_patterns_own_can_be_cancelled() -> None:
    begun, free = threading.Event(), threading.Event()

    def work(index: int) -> None:
        begun.set()
        assert free.wait(10)

    async def pattern(job: Job, count: int) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as pool:
            first, second = [loop.run_in_executor(pool, job, index) for index in range(2)]
            await asyncio.to_thread(begun.wait, 10)
            second.cancel()
            await asyncio.sleep(0)  # the loop's next turn takes the cancellation to the pool
            free.set()
            await first

    timeline = run_here(pattern_of(pattern, JobKind.BLOCKING), work, 2).timeline
    assert_laws(timeline, jobs=2)
    assert timeline.jobs.outcome == ("ok", "cancelled")
    assert states(timeline, 1) == [State.QUEUED]


def test_a_job_within_a_job_takes_over_and_gives_back() -> None:
    async def pattern(job: Job, count: int) -> None:
        nested.append(job)
        await job(0)

    async def outer_or_inner(index: int) -> None:
        if index == 0:
            await nested[0](1)
            await asyncio.sleep(0.1)
        else:
            await asyncio.sleep(0.2)

    nested: list[Job] = []
    timeline = run_virtually(pattern, outer_or_inner, 2).timeline
    assert_laws(timeline, jobs=2)
    assert waits(timeline, 0) == [On.JOB, On.TIMER]
    assert waits(timeline, 1) == [On.TIMER]
    assert [round(int(end) / MS) for end in timeline.jobs.ended_ns] == [300, 200]


def test_a_wake_up_names_the_job_that_caused_it() -> None:
    async def job(index: int) -> None:
        if index == 0:
            await futures[0]
        else:
            await asyncio.sleep(0.1)
            futures[0].set_result(None)

    async def pattern(job: Job, count: int) -> None:
        futures.append(asyncio.get_running_loop().create_future())
        await asyncio.gather(job(0), job(1))

    futures: list[asyncio.Future[None]] = []
    spans = run_virtually(pattern, job, 2).timeline.spans
    ready = (spans.job == 0) & (spans.state == State.READY)
    assert spans.waker[ready].tolist() == [NOBODY, 1]


def test_what_a_task_does_when_it_ends_is_due_to_its_job() -> None:
    async def job(index: int) -> None:
        await (asyncio.sleep(0.1) if index == 0 else futures[0])

    async def pattern(job: Job, count: int) -> None:
        futures.append(asyncio.get_running_loop().create_future())
        first, second = [asyncio.create_task(job(index)) for index in range(2)]
        first.add_done_callback(lambda _: futures[0].set_result(None))
        await second

    futures: list[asyncio.Future[None]] = []
    spans = run_virtually(pattern, job, 2).timeline.spans
    ready = (spans.job == 1) & (spans.state == State.READY)
    assert spans.waker[ready].tolist() == [NOBODY, 0]


def test_a_blocking_job_called_on_the_loop_runs_rather_than_works() -> None:
    clock = VirtualClock()

    def hold(index: int) -> None:
        clock.now_ns += 20 * MS

    async def pattern(job: Job, count: int) -> None:
        for index in range(count):
            job(index)

    timeline = run_virtually(pattern_of(pattern, JobKind.BLOCKING), hold, 2, clock=clock).timeline
    assert_laws(timeline, jobs=2)
    assert [states(timeline, job)[-1] for job in range(2)] == [State.RUNNING] * 2
    assert timeline.spans.is_blocking.sum() == 2


def test_a_job_cancelled_before_its_first_step_ends_as_cancelled() -> None:
    async def pattern(job: Job, count: int) -> None:
        task = asyncio.create_task(job(0))
        task.cancel()
        await asyncio.wait([task])

    timeline = run_virtually(pattern, awaits_everything, 1).timeline
    assert_laws(timeline, jobs=1)
    assert timeline.jobs.outcome == ("cancelled",)


def test_a_job_left_behind_is_cancelled_after_the_pattern_has_returned() -> None:
    async def pattern(job: Job, count: int) -> None:
        tasks.append(asyncio.create_task(job(0)))
        await asyncio.sleep(0.01)

    tasks: list[asyncio.Task[None]] = []
    timeline = run_virtually(pattern, awaits_everything, 1).timeline
    assert timeline.jobs.outcome == ("cancelled",)
    assert timeline.jobs.ended_ns[0] > timeline.wall_ns


@EAGER
def test_an_eager_job_runs_within_the_step_that_creates_it() -> None:
    async def pattern(job: Job, count: int) -> None:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined, unused-ignore]
        await asyncio.gather(*[asyncio.create_task(job(index)) for index in range(count)])

    async def job(index: int) -> None:
        await asyncio.sleep(0.1)

    timeline = run_virtually(pattern, job, 2).timeline
    assert_laws(timeline, jobs=2)
    assert states(timeline, 0)[:3] == [State.READY, State.RUNNING, State.WAITING]
    first, second = timeline.jobs.created_ns.tolist()
    own = timeline.spans.job == 0
    assert (
        first < timeline.spans.start_ns[own & (timeline.spans.state == State.RUNNING)][0] < second
    )


def test_bytes_on_a_socket_wake_the_job_that_reads() -> None:
    async def job(index: int) -> bytes:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            loop.call_soon(theirs.send, b"hello")
            return await loop.sock_recv(ours, 5)

    ran = run_here(PATTERNS["gather"], job, 1)
    assert_laws(ran.timeline, jobs=1)
    assert ran.returned.value == [b"hello"]
    assert waits(ran.timeline, 0)[1:] == [On.FUTURE]


def test_call_soon_threadsafe_wakes_the_loop() -> None:
    async def job(index: int) -> str:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        await asyncio.to_thread(loop.call_soon_threadsafe, future.set_result, "woken")
        return str(await future)

    ran = run_here(PATTERNS["gather"], job, 1)
    assert_laws(ran.timeline, jobs=1)
    assert ran.returned.value == ["woken"]


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt])
def test_a_job_that_ends_the_program_is_recorded_all_the_same(
    ending: type[BaseException],
) -> None:
    async def job(index: int) -> None:
        raise ending

    ran = run_here(PATTERNS["sequential"], job, 1)
    assert ran.recorder.errors[0].kind == ending.__name__
    assert ran.returned.error == ran.recorder.errors[0]
    assert len(ran.rows)


def test_a_closed_loop_refuses_work_as_asyncios_own_does() -> None:
    loop = RecordingLoop(Recorder())
    loop.close()
    for call in (
        lambda: loop.call_soon(int),
        lambda: loop.call_soon_threadsafe(int),
        lambda: loop.call_later(1, int),
        lambda: loop.run_in_executor(None, int),
    ):
        with pytest.raises(RuntimeError, match="Event loop is closed"):
            call()


def test_a_timer_that_is_cancelled_never_runs() -> None:
    async def pattern(job: Job, count: int) -> list[str]:
        said: list[str] = []
        loop = asyncio.get_running_loop()
        loop.call_later(0.1, said.append, "first")
        loop.call_later(0.2, said.append, "second").cancel()
        await asyncio.sleep(0.3)
        return said

    assert run_virtually(pattern, awaits_everything, 1).returned.value == ["first"]


def test_debug_mode_names_the_line_that_created_a_task_as_without_recording() -> None:
    async def pattern(job: Any, count: int) -> str:
        asyncio.get_running_loop().set_debug(True)
        task = asyncio.create_task(job(0))
        await task
        return repr(task)

    async def job(index: int) -> None:
        pass

    shown = str(run_virtually(pattern, job, 1).returned.value)
    assert "created at " in shown
    assert "tasks.py" in shown.partition("created at ")[2]


def test_a_job_inside_of_another_is_told_of_its_cancellation_when_that_is() -> None:
    async def pattern(job: Any, count: int) -> None:
        async def outer() -> None:
            await job(0)

        task = asyncio.create_task(outer())
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])

    async def job(index: int) -> None:
        await asyncio.sleep(1)

    jobs = run_virtually(pattern, job, 1).timeline.jobs
    assert jobs.outcome == ("cancelled",)
    assert int(jobs.cancelled_ns[0]) // MS == 100
    assert int(jobs.cancelled_by[0]) == NOBODY


def test_a_task_cancelled_before_it_began_is_told_when_its_step_begins() -> None:
    async def pattern(job: Any, count: int) -> None:
        task = asyncio.create_task(job(0))
        task.cancel()
        await asyncio.wait([task])

    async def job(index: int) -> None:
        raise AssertionError

    jobs = run_virtually(pattern, job, 1).timeline.jobs
    assert jobs.outcome == ("cancelled",)
    assert 0 < jobs.cancelled_ns[0] <= jobs.ended_ns[0]


def test_a_job_that_waits_for_what_is_cancelled_is_not_told_itself() -> None:
    async def job(index: int) -> None:
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.cancel)
        await future

    jobs = run_virtually(PATTERNS["gather_exceptions"], job, 1).timeline.jobs
    assert jobs.outcome == ("cancelled",)
    assert jobs.cancelled_ns.tolist() == [NOBODY]


SECOND_LOOP = lane_code(LaneKind.LOOP, 2)


async def own_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


async def sleeps(index: int) -> int:
    await asyncio.sleep(0.02)
    return index


def waits_on(timeline: Timeline, job: int) -> list[On]:
    spans = timeline.spans
    return [On(int(on)) for on in spans.on[(spans.job == job) & (spans.state == State.WAITING)]]


def test_a_loop_that_runs_meanwhile_records_and_one_that_runs_afterwards_does_not() -> None:
    with recorded_loops(Recorder()):
        assert isinstance(asyncio.run(own_loop()), LoopRecording)
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            assert isinstance(runner.run(own_loop()), LoopRecording)
    assert not isinstance(asyncio.run(own_loop()), LoopRecording)


def test_an_error_of_the_program_takes_the_hook_away_too() -> None:
    before = asyncio.events._set_running_loop
    with pytest.raises(LookupError), recorded_loops(Recorder()):
        raise LookupError
    assert asyncio.events._set_running_loop is before


def test_a_loop_of_a_class_of_the_programs_own_keeps_its_class_and_its_clock() -> None:
    class OwnLoop(asyncio.SelectorEventLoop):
        def time(self) -> float:
            return 5.0

    with recorded_loops(Recorder()), asyncio.Runner(loop_factory=OwnLoop) as runner:
        loop = runner.run(own_loop())
    assert isinstance(loop, OwnLoop)
    assert isinstance(loop, LoopRecording)
    assert type(loop).__name__ == "OwnLoop"
    assert loop.time() == 5.0


class LoopOfItsOwn(asyncio.SelectorEventLoop):
    """A loop whose steps cannot be seen by the recorder's methods."""

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        return super().call_soon(callback, *args, context=context)


def test_a_loop_that_schedules_in_a_way_of_its_own_is_left_alone() -> None:
    assert recording_class(LoopOfItsOwn, LoopRecording, RecordingLoop.time) is None
    assert recording_class(object, LoopRecording, RecordingLoop.time) is None


def test_jobs_on_a_loop_that_is_left_alone_have_their_outcomes_and_their_ends() -> None:
    async def job(index: int) -> int:
        await asyncio.sleep(0.01)
        if index:
            raise ValueError
        return index

    def pattern(job: Any, count: int) -> None:
        async def main() -> None:
            await asyncio.gather(*[job(index) for index in range(count)], return_exceptions=True)

        with asyncio.Runner(loop_factory=LoopOfItsOwn) as runner:
            runner.run(main())

    timeline = run_here(pattern, job, 2).timeline
    assert timeline.jobs.outcome == ("ok", "failed")
    assert_laws(timeline, jobs=2)


def test_a_loop_in_another_thread_has_a_lane_of_its_own() -> None:
    async def pattern(job: Any, count: int) -> None:
        thread = threading.Thread(target=lambda: asyncio.run(job(0)))
        thread.start()
        await asyncio.to_thread(thread.join)
        await job(1)

    timeline = run_here(pattern, sleeps, 2).timeline
    assert_laws(timeline, jobs=2)
    spans = timeline.spans
    lanes = [set(spans.lane[(spans.job == job) & (spans.state == State.RUNNING)]) for job in (0, 1)]
    assert lanes == [{SECOND_LOOP}, {LOOP}]
    assert timeline.steps.lanes == (LOOP, SECOND_LOOP)
    assert waits_on(timeline, 0) == [On.START, On.TIMER]


def test_two_loops_side_by_side_keep_their_jobs_apart() -> None:
    both = threading.Barrier(2, timeout=10)

    async def job(index: int) -> int:
        for _ in range(3):
            both.wait()
            await asyncio.sleep(0)
        return index

    def pattern(job: Any, count: int) -> None:
        threads = [
            threading.Thread(target=asyncio.run, args=(job(index),)) for index in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    timeline = run_here(pattern, job, 2).timeline
    assert_laws(timeline, jobs=2)
    assert timeline.jobs.outcome == ("ok", "ok")
    assert len(timeline.steps.lanes) == 2


def test_a_loop_that_nobody_runs_changes_nothing() -> None:
    def pattern(job: Any, count: int) -> None:
        loop = asyncio.new_event_loop()
        asyncio.new_event_loop().close()
        loop.run_until_complete(job(0))
        loop.close()

    timeline = run_virtually(pattern, sleeps, 1).timeline
    assert states(timeline, 0) == [
        *(State.WAITING, State.READY, State.RUNNING),
        *(State.WAITING, State.READY, State.RUNNING),
    ]
    assert waits_on(timeline, 0) == [On.START, On.TIMER]


def test_what_was_scheduled_before_the_loop_ran_is_recorded_and_can_be_cancelled() -> None:
    said: list[str] = []

    def pattern(job: Any, count: int) -> None:
        loop = asyncio.new_event_loop()
        loop.call_soon(said.append, "never").cancel()
        loop.call_later(0.01, said.append, "timer")
        handle = loop.call_soon(said.append, "cancelled while it waits")
        loop.call_soon(handle.cancel)
        task = loop.create_task(job(0))
        loop.run_until_complete(task)
        loop.close()

    ran = run_virtually(pattern, sleeps, 1)
    assert said == ["cancelled while it waits", "timer"]
    assert ran.timeline.jobs.outcome == ("ok",)


def test_a_loop_that_runs_twice_keeps_its_lane() -> None:
    def pattern(job: Any, count: int) -> None:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(job(0))
        asyncio.run(job(1))
        loop.run_until_complete(job(2))
        loop.close()

    timeline = run_virtually(pattern, sleeps, 3).timeline
    spans = timeline.spans
    running = spans.state == State.RUNNING
    assert [int(spans.lane[running & (spans.job == job)][0]) for job in range(3)] == [
        *(LOOP, SECOND_LOOP, LOOP)
    ]


def test_a_loop_goes_when_the_program_drops_it() -> None:
    recorder = Recorder()
    with recorded_loops(recorder):
        loop = weakref.ref(asyncio.run(own_loop()))
    assert loop() is None
    assert recorder.loops == []


def test_a_virtual_loop_of_the_program_sets_the_clock_of_its_timers() -> None:
    clock = VirtualClock()
    recorder = Recorder(clock=clock)
    with (
        recorded_loops(recorder),
        asyncio.Runner(loop_factory=lambda: BareLoop(clock)) as runner,
    ):
        runner.run(asyncio.sleep(0.05))
    assert clock.now_ns // MS == 50


async def driven_by_hand(index: int) -> int:
    for _ in range(2):
        await asyncio.sleep(0)
    return index


def drive_in_turn(*coroutines: Any) -> "Turns":
    return Turns(list(coroutines))


class Turns:
    """Drives coroutines in turn, one step each, in the task that awaits it."""

    def __init__(self, coroutines: list[Any]) -> None:
        self._coroutines = coroutines

    def __await__(self) -> Any:
        left = list(self._coroutines)
        while left:
            for coroutine in left[:]:
                try:
                    coroutine.send(None)
                except StopIteration:
                    left.remove(coroutine)
            yield


def test_jobs_that_one_task_drives_in_turn_keep_the_laws() -> None:
    async def pattern(job: Any, count: int) -> None:
        await drive_in_turn(*[job(index) for index in range(count)])

    timeline = run_virtually(pattern, driven_by_hand, 3).timeline
    assert_laws(timeline, jobs=3)
    assert timeline.jobs.outcome == ("ok", "ok", "ok")


def test_no_job_that_a_task_drives_in_turn_is_given_the_time_of_the_others() -> None:
    async def pattern(job: Any, count: int) -> None:
        await drive_in_turn(*[job(index) for index in range(count)])
        # Nothing is driven any more: a job that is awaited is told by its steps again.
        await job(count)

    async def works(_index: int) -> None:
        for _ in range(2):
            clock.move(5 * MS)
            await asyncio.sleep(0)
        clock.move(5 * MS)

    clock = VirtualClock()
    timeline = run_virtually(pattern, works, 3, clock=clock).timeline
    spans = timeline.spans
    # Of those that are driven the first step was seen; whose the later ones are is not known.
    assert [ran_ms(spans, job) for job in range(4)] == [[5], [5], [5], [5, 5, 5]]
    assert timeline.jobs.outcome == ("ok",) * 4
    assert (timeline.steps.end_ns - timeline.steps.start_ns).sum() // MS == 60


def ran_ms(spans: Spans, job: int) -> list[int]:
    """Return how long each of a job's steps took that took any time, in whole milliseconds."""
    found = spans.duration_ns[(spans.state == State.RUNNING) & (spans.job == job)]
    return [each // MS for each in found.tolist() if each >= MS]


def test_a_job_that_raises_generator_exit_has_failed_and_one_that_is_closed_is_lost() -> None:
    async def pattern(job: Any, count: int) -> None:
        coroutines = [job(index) for index in range(count)]
        closed, *others = coroutines
        closed.send(None)
        closed.close()
        await asyncio.gather(*others, return_exceptions=True)

    async def leaves(index: int) -> None:
        try:
            await asyncio.sleep(0)
        finally:
            await forgives()
        if index == 1:
            raise GeneratorExit("of its own")

    async def forgives() -> None:
        with contextlib.suppress(KeyError):
            raise KeyError

    timeline = run_virtually(pattern, leaves, 3).timeline
    assert_laws(timeline, jobs=3)
    assert timeline.jobs.outcome == ("lost", "failed", "ok")
    assert timeline.jobs.error[1] == JobError(kind="GeneratorExit", message="of its own")


def test_a_job_driven_by_hand_outside_of_any_task_keeps_the_laws() -> None:
    async def pattern(job: Any, count: int) -> None:
        loop = asyncio.get_running_loop()
        coroutine = job(0)

        def drive(left: int) -> None:
            try:
                coroutine.send(None)
            except StopIteration:
                return
            loop.call_soon(drive, left - 1)

        loop.call_soon(drive, 5)
        await asyncio.sleep(0.01)

    timeline = run_virtually(pattern, driven_by_hand, 1).timeline
    assert_laws(timeline, jobs=1)
    assert timeline.jobs.outcome == ("ok",)


def test_a_job_driven_without_any_loop_has_its_end() -> None:
    def pattern(job: Any, count: int) -> None:
        coroutine = job(0)
        with contextlib.suppress(StopIteration):
            while True:
                coroutine.send(None)

    timeline = run_here(pattern, driven_by_hand, 1).timeline
    assert_laws(timeline, jobs=1)
    assert timeline.jobs.outcome == ("ok",)


def test_tasks_written_in_python_are_followed_like_those_in_c() -> None:
    python_task: Any = asyncio.tasks._PyTask  # type: ignore[attr-defined]

    async def pattern(job: Any, count: int) -> None:
        loop = asyncio.get_running_loop()
        tasks = [python_task(job(index), loop=loop) for index in range(count)]
        await asyncio.sleep(0.01)
        tasks[1].cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    timeline = run_virtually(pattern, sleeps, 2).timeline
    assert_laws(timeline, jobs=2)
    assert timeline.jobs.outcome == ("ok", "cancelled")
    assert waits_on(timeline, 0) == [On.START, On.TIMER]
