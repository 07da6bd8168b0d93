"""Recording from within a program."""

import asyncio
import gc
import sys
import weakref
from collections.abc import Coroutine, Generator
from pathlib import Path
from typing import Any

import pytest

from core import runfile
from core.analysis.unknown import unknown
from core.jobs import OwnProgram
from core.recording.file_recording import FileRecording
from core.recording.watch import StepWatch
from core.shell.report import notes
from core.timeline.timeline import On, Outcome, State, Timeline
from tests.kit.laws import assert_laws


def recorded(path: Path) -> Timeline:
    with path.open("rb") as file:
        (timeline,) = runfile.load_from(file)
    assert_laws(timeline)
    return timeline


def states(timeline: Timeline, number: int) -> list[State]:
    return [State(state) for state in timeline.spans.state[timeline.spans.job == number]]


def test_a_recording_may_begin_in_a_loop_that_runs(tmp_path: Path) -> None:
    async def notebook() -> None:
        before = asyncio.create_task(asyncio.sleep(0.02), name="before")
        await asyncio.sleep(0)
        with FileRecording(tmp_path / "it.loopscope", command=["notebook"]):
            await asyncio.create_task(asyncio.sleep(0.01), name="inside")
            await before
        await asyncio.create_task(asyncio.sleep(0), name="after")

    asyncio.run(notebook())
    timeline = recorded(tmp_path / "it.loopscope")
    assert set(timeline.jobs.name) >= {"inside", "before"}
    assert "after" not in timeline.jobs.name
    inside = timeline.jobs.name.index("inside")
    assert timeline.jobs.outcome[inside] is Outcome.OK
    waits = (timeline.spans.job == inside) & (timeline.spans.state == State.WAITING)
    assert On.TIMER in timeline.spans.on[waits]


def test_a_task_is_named_as_it_is_at_its_end(tmp_path: Path) -> None:
    async def main() -> None:
        task = asyncio.create_task(asyncio.sleep(0.01))
        task.set_name("renamed")
        await task
        await asyncio.Task(asyncio.sleep(0), name="by its constructor")

    with FileRecording(tmp_path / "it.loopscope"):
        asyncio.run(main())
    assert set(recorded(tmp_path / "it.loopscope").jobs.name[1:]) == {
        "renamed",
        "by its constructor",
    }


class Handmade:
    """Awaited like a coroutine, and none."""

    def __await__(self) -> Generator[Any, None, None]:
        yield

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)

    def send(self, _value: Any) -> None:
        raise StopIteration

    def throw(self, *_args: Any) -> None: ...

    def close(self) -> None: ...


Coroutine.register(Handmade)


def test_what_a_task_runs_is_told_whoever_makes_it_and_however_it_ends(tmp_path: Path) -> None:
    async def at_once() -> None: ...

    async def main() -> None:
        loop = asyncio.get_running_loop()
        lost = asyncio.create_task(asyncio.sleep(9), name="lost")
        await asyncio.Task(at_once(), name="by its constructor")
        await loop.create_task(Handmade(), name="handmade")
        await asyncio.to_thread(int)
        if sys.version_info >= (3, 12):
            loop.set_task_factory(asyncio.eager_task_factory)
            await loop.create_task(at_once(), name="eager")
        del lost

    with FileRecording(tmp_path / "it.loopscope") as recording:
        asyncio.run(main())
    assert recording.failure is None
    timeline = recorded(tmp_path / "it.loopscope")
    jobs = timeline.jobs
    found = dict(zip(jobs.name, jobs.coroutine, strict=True))
    here = test_what_a_task_runs_is_told_whoever_makes_it_and_however_it_ends.__name__
    assert found.pop("eager", f"{here}.<locals>.at_once") == f"{here}.<locals>.at_once"
    assert found.pop(jobs.name[0]) == f"{here}.<locals>.main"
    assert found == {
        "lost": "sleep",
        "by its constructor": f"{here}.<locals>.at_once",
        "handmade": "Handmade",
        "int": "",
    }
    assert runfile.load(runfile.dump([timeline]))[0].jobs.coroutine == jobs.coroutine


def program_of(timeline: Timeline) -> OwnProgram:
    assert isinstance(timeline.program, OwnProgram)
    return timeline.program


def test_the_file_says_that_the_loop_ran_before(tmp_path: Path) -> None:
    async def notebook() -> None:
        with FileRecording(tmp_path / "notebook.loopscope"):
            await asyncio.sleep(0)

    asyncio.run(notebook())
    timeline = recorded(tmp_path / "notebook.loopscope")
    assert program_of(timeline).joined
    (said,) = unknown(timeline)
    assert said.startswith("The recording began while an event loop ran")
    assert said in " ".join(notes([timeline], width=80).split())
    with FileRecording(tmp_path / "it.loopscope"):
        asyncio.run(asyncio.sleep(0))
    timeline = recorded(tmp_path / "it.loopscope")
    assert not program_of(timeline).joined
    assert unknown(timeline) == []


def test_how_tasks_end_is_told_by_the_tasks(tmp_path: Path) -> None:
    async def wrong() -> None:
        raise LookupError("nothing there")

    async def main() -> None:
        late = asyncio.create_task(asyncio.sleep(5), name="late")
        failed = asyncio.create_task(wrong(), name="wrong")
        fine = asyncio.create_task(asyncio.sleep(0, 17), name="fine")
        await asyncio.wait([failed, fine])
        late.cancel()
        await asyncio.wait([late])
        assert failed.exception()

    with FileRecording(tmp_path / "it.loopscope"):
        asyncio.run(main())
    timeline = recorded(tmp_path / "it.loopscope")
    jobs = timeline.jobs
    ends = dict(
        zip(jobs.name, zip(jobs.outcome, jobs.error, jobs.result, strict=True), strict=True)
    )
    assert ends["late"][0] is Outcome.CANCELLED
    outcome, error, _ = ends["wrong"]
    assert outcome is Outcome.FAILED
    assert error is not None
    assert (error.kind, error.message) == ("LookupError", "nothing there")
    assert ends["fine"] == (Outcome.OK, None, "17")


def test_a_call_for_a_thread_is_a_job_that_works(tmp_path: Path) -> None:
    async def main() -> str:
        return await asyncio.to_thread(str.upper, "abc")

    with FileRecording(tmp_path / "it.loopscope"):
        assert asyncio.run(main()) == "ABC"
    timeline = recorded(tmp_path / "it.loopscope")
    call = timeline.jobs.name.index("str.upper")
    assert states(timeline, call)[-1] is State.WORKING
    assert timeline.jobs.result[call] == "ABC"
    assert timeline.worker_lanes == ("thread-1",)


def test_what_was_replaced_is_back_after_the_stop(tmp_path: Path) -> None:
    from asyncio import events
    from concurrent.futures import ThreadPoolExecutor

    before = events._set_running_loop, ThreadPoolExecutor.submit
    with FileRecording(tmp_path / "it.loopscope"):
        assert (events._set_running_loop, ThreadPoolExecutor.submit) != before
    assert (events._set_running_loop, ThreadPoolExecutor.submit) == before


def test_a_recording_that_is_over_is_freed(tmp_path: Path) -> None:
    recording = FileRecording(tmp_path / "it.loopscope")
    with recording:
        asyncio.run(asyncio.sleep(0))
    recording.stop()  # once more, which does nothing
    gone = weakref.ref(recording)
    del recording
    gc.collect()
    assert gone() is None


def test_what_fails_in_the_recording_is_said_and_not_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_named: object) -> bytes:
        raise RuntimeError("broken")

    with FileRecording(tmp_path / "it.loopscope") as recording:
        monkeypatch.setattr(StepWatch, "snapshot", broken)
        assert asyncio.run(asyncio.sleep(0.01, 3)) == 3
    assert recording.failure is not None
    assert recording.failure.startswith("RuntimeError: broken")
    assert recorded(tmp_path / "it.loopscope").finished is False


def test_a_recording_that_never_began_can_be_stopped(tmp_path: Path) -> None:
    FileRecording(tmp_path / "it.loopscope").stop()
    assert not (tmp_path / "it.loopscope").exists()
