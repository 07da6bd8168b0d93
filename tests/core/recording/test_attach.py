"""Attaching: any loop of asyncio that runs is recorded on a lane of its own, and only meanwhile."""

import asyncio
import contextlib
import threading
import weakref
from typing import Any

import pytest

from core.recording.attach import recorded_loops, recording_class
from core.recording.events import LaneKind, lane_code
from core.recording.loop import LoopRecording
from core.recording.recorder import Recorder
from core.timeline.timeline import LOOP, On, State, Timeline
from tests.kit.laws import assert_laws
from tests.kit.virtual import MS, BareLoop, VirtualClock, run_here, run_virtually, states

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
    assert recording_class(LoopOfItsOwn) is None
    assert recording_class(object) is None


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
