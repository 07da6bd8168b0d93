"""What is recorded of tasks on uvloop's loops, and that uvloop is left as it was."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from core.analysis.unknown import unknown
from core.jobs import OwnProgram
from core.recording.file_recording import FileRecording
from core.timeline.timeline import Outcome, State, Timeline
from tests.core.recording.own_programs import recorded
from tests.kit.needs import imported

uvloop: Any = imported("uvloop")
pytestmark = pytest.mark.real


def recorded_run(folder: Path, main: Any, loop_factory: Any = uvloop.Loop) -> Timeline:
    path = folder / "it.loopscope"
    with (
        FileRecording(path, command=["it.py"]),
        asyncio.Runner(loop_factory=loop_factory) as runner,
    ):
        runner.run(main())
    assert "__init__" not in vars(uvloop.Loop)
    return recorded(path)


async def inner() -> str:
    await asyncio.sleep(0.02)
    return "slept"


def test_tasks_are_a_tree_with_their_ends(tmp_path: Path) -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("wrong")

    async def main() -> None:
        # in the first step, before which uvloop has the main task in its queue already
        tasks = [asyncio.create_task(each(), name=each.__name__) for each in (inner, fails)]
        await asyncio.gather(*tasks, return_exceptions=True)
        sleeper = asyncio.create_task(asyncio.sleep(60), name="sleeper")
        await asyncio.sleep(0)
        sleeper.cancel()
        await asyncio.wait([sleeper, asyncio.create_task(inner(), name="last")])

    timeline = recorded_run(tmp_path, main)
    jobs = timeline.jobs
    # uvloop names a task once it is there, so the names of others go on from 1
    assert [name.partition("-")[0] for name in jobs.name] == [
        *("Task", "inner", "fails", "sleeper", "last")
    ]
    assert list(jobs.parent) == [-1, 0, 0, 0, 0]
    assert jobs.outcome[1:] == (Outcome.OK, Outcome.FAILED, Outcome.CANCELLED, Outcome.OK)
    assert int(jobs.cancelled_by[3]) == 0
    assert unknown(timeline)[0].startswith("Of uvloop")


def test_a_wait_for_a_timer_ends_when_it_is_due(tmp_path: Path) -> None:
    async def main() -> None:
        task = asyncio.create_task(inner(), name="inner")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        time.sleep(0.1)
        await task

    timeline = recorded_run(tmp_path, main)
    number = timeline.jobs.name.index("inner")
    of_task = timeline.spans.job == number
    states = [State(each) for each in timeline.spans.state[of_task]]
    assert states[-4:] == [State.RUNNING, State.WAITING, State.READY, State.RUNNING]
    lengths_ns = (timeline.spans.end_ns - timeline.spans.start_ns)[of_task]
    # it was due while the main task held the loop: from then on it was ready
    assert 15_000_000 < lengths_ns[-3] < 60_000_000
    assert lengths_ns[-2] > 30_000_000


def test_loops_of_threads_have_lanes_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "it.loopscope"
    with FileRecording(path, command=["it.py"]):
        loop = uvloop.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        assert asyncio.run_coroutine_threadsafe(inner(), loop).result(10) == "slept"
        with asyncio.Runner(loop_factory=uvloop.Loop) as runner:
            runner.run(inner())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
    timeline = recorded(path)
    assert timeline.jobs.outcome == (Outcome.OK, Outcome.OK)
    assert len(set(timeline.steps.lane)) == 2


def test_a_loop_that_runs_already_is_recorded_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "it.loopscope"

    async def main() -> None:
        before = asyncio.create_task(asyncio.sleep(0.05), name="before")
        await asyncio.sleep(0)
        with FileRecording(path, command=["it.py"]):
            await asyncio.create_task(inner(), name="after")
            await before

    uvloop.run(main())
    timeline = recorded(path)
    assert set(timeline.jobs.name) > {"before", "after"}
    assert len(timeline.jobs) == 3
    assert isinstance(timeline.program, OwnProgram)
    assert timeline.program.joined


def test_a_loop_that_schedules_in_its_own_way_is_left_alone(tmp_path: Path) -> None:
    class Loop(uvloop.Loop):  # type: ignore[misc]
        def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:
            return super().call_soon(callback, *args, context=context)

    timeline = recorded_run(tmp_path, inner, Loop)
    assert isinstance(timeline.program, OwnProgram)
    assert timeline.program.unrecorded_loops == timeline.program.loops == ("tests",)
    assert not len(timeline.jobs)
