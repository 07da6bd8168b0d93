"""The last seconds of a process, in bounded memory, written when asked for."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.jobs import OwnProgram
from core.recording import FlightRecorder, SlowRequests
from core.recording.events import BYTES_PER_EVENT
from core.timeline.timeline import On, Outcome, State, Timeline
from tests.core.recording.test_file_recording import recorded, states

NS_PER_S = 1_000_000_000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def whole_from_ns(timeline: Timeline) -> int:
    assert isinstance(timeline.program, OwnProgram)
    return timeline.program.whole_from_ns


async def eventually(holds: Callable[[], object], limit_s: float = 10.0) -> None:
    until = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < until
        await asyncio.sleep(0.01)


async def busy(seconds: float) -> int:
    """Make tasks for a while, and return how many."""
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        await asyncio.create_task(asyncio.sleep(0.005))
        count += 1
    return count


def test_a_cut_of_a_short_program_has_everything(folder: Path) -> None:
    with FlightRecorder() as recorder:
        assert asyncio.run(asyncio.sleep(0.01, "done")) == "done"
    assert recorder.path == Path("cut.loopscope")
    timeline = recorded(folder / "cut.loopscope")
    assert timeline.jobs.result == ("done",)
    assert (timeline.finished, timeline.dropped_events, whole_from_ns(timeline)) == (True, 0, 0)


def test_what_is_older_is_dropped_and_what_goes_on_begins_with_the_cut(folder: Path) -> None:
    async def holder(lock: asyncio.Lock) -> None:
        async with lock:
            await asyncio.sleep(60)

    async def main() -> int:
        lock = asyncio.Lock()
        old = [
            asyncio.create_task(holder(lock), name="sleeps on"),
            asyncio.create_task(holder(lock), name="waits for the lock"),
            asyncio.create_task(asyncio.to_thread(time.sleep, 2.2), name="calls"),
        ]
        await asyncio.sleep(0)
        count = await busy(1.8)
        late = asyncio.Lock()
        old += [asyncio.create_task(holder(late), name=name) for name in ("has it", "wants it")]
        await asyncio.sleep(0.05)
        await asyncio.to_thread(recorder.cut, "it.loopscope")
        for task in old:
            task.cancel()
        return count

    recorder = FlightRecorder(0.5, at_exit=False)
    with recorder:
        count = asyncio.run(main())
    timeline = recorded(folder / "it.loopscope")
    assert not (folder / "cut.loopscope").exists()
    assert not timeline.finished
    assert timeline.dropped_events > 0
    assert timeline.wall_ns < 1.2 * NS_PER_S
    whole_ns = whole_from_ns(timeline)
    assert 0 < whole_ns < timeline.wall_ns

    jobs = timeline.jobs
    begun_before = {name for name, at in zip(jobs.name, jobs.created_ns, strict=True) if at == 0}
    assert begun_before >= {"sleeps on", "waits for the lock", "calls"}
    assert 3 < len(begun_before) <= 6  # the main task, and one of the busy ones, too
    assert 5 < len(jobs) < 0.8 * count
    assert list(jobs.number) == list(range(len(jobs)))
    runs = dict(zip(jobs.name, jobs.coroutine, strict=True))
    assert (runs["sleeps on"].rpartition(".")[2], runs["calls"]) == ("holder", "to_thread")

    def span(name: str) -> tuple[State, On]:
        number = jobs.name.index(name)
        (place,) = (timeline.spans.job == number).nonzero()[0]
        assert timeline.spans.end_ns[place] - timeline.spans.start_ns[place] > 0.5 * NS_PER_S
        return State(timeline.spans.state[place]), On(timeline.spans.on[place])

    assert span("sleeps on") == (State.WAITING, On.TIMER)
    assert span("waits for the lock") == (State.WAITING, On.LOCK)
    (wait,) = (timeline.spans.holder == jobs.name.index("has it")).nonzero()[0]
    assert jobs.name[timeline.spans.job[wait]] == "wants it"
    assert states(timeline, jobs.name.index("sleep")) == [State.WORKING]
    assert jobs.outcome[jobs.name.index("sleeps on")] is Outcome.LOST


def test_memory_is_bounded_by_its_limit(folder: Path) -> None:
    async def main() -> None:
        for _ in range(40):
            await asyncio.gather(*[asyncio.sleep(0) for _ in range(100)])
            await asyncio.sleep(0.05)

    recorder = FlightRecorder(60, most_mb=0.5)
    with recorder:
        asyncio.run(main())
        # the newest part, a fifth of a second, is there whatever it takes
        held = sum(part.size for part in list(recorder._parts)[:-1])
        assert 0 < held == recorder._size - recorder._parts[-1].size <= 0.5 * 2**20
    assert recorder._dropped * BYTES_PER_EVENT > 2**18
    assert len(recorder._going_on) <= 600
    assert len(recorder._names) <= 600
    assert recorded(folder / "cut.loopscope").dropped_events == recorder._dropped


def test_a_step_that_holds_its_loop_for_long_is_written_with_its_line(folder: Path) -> None:
    async def handler() -> None:
        await asyncio.sleep(0.3)
        time.sleep(0.3)
        await eventually(lambda: told)

    told: list[tuple[Path, str]] = []
    recorder = FlightRecorder(
        0.2, slow_step_ms=100, on_cut=lambda *cut: told.append(cut), at_exit=False
    )
    with recorder:
        asyncio.run(handler())
    assert told == [(Path("cut.loopscope"), "a step held its loop for long")]
    timeline = recorded(folder / "cut.loopscope")
    (place,) = timeline.steps.is_blocking.nonzero()[0]
    assert timeline.steps.end_ns[place] - timeline.steps.start_ns[place] >= 0.3 * NS_PER_S
    line = handler.__code__.co_firstlineno + 2
    site = timeline.site_name(timeline.steps.site[place])
    assert site is not None
    assert site.endswith(f"test_flight_recorder.py:{line}")


def test_a_slow_step_soon_after_a_cut_has_the_next_one(folder: Path) -> None:
    async def main() -> None:
        for _ in range(2):
            before = len(told)
            time.sleep(0.3)
            await eventually(lambda: len(told) > before)

    told: list[Path] = []
    with FlightRecorder(
        2, slow_step_ms=200, on_cut=lambda path, _why: told.append(path), at_exit=False
    ):
        asyncio.run(main())
    lengths = [timeline.steps.end_ns - timeline.steps.start_ns for timeline in map(recorded, told)]
    assert [int((each >= 0.3 * NS_PER_S).sum()) for each in lengths] == [1, 2]


def test_a_signal_writes_a_cut_where_the_program_does_not_use_it(folder: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("a system without SIGUSR2")

    async def named() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.set_name("main")
        os.kill(os.getpid(), signal.SIGUSR2)
        await eventually(lambda: recorder.path)

    with FlightRecorder(at_exit=False) as recorder:
        asyncio.run(named())
    assert recorded(folder / "cut.loopscope").jobs.name == ("main",)
    assert signal.getsignal(signal.SIGUSR2) is signal.SIG_DFL
    heard: list[int] = []
    signal.signal(signal.SIGUSR2, lambda number, _frame: heard.append(number))
    try:
        with FlightRecorder(at_exit=False) as recorder:
            os.kill(os.getpid(), signal.SIGUSR2)
        assert heard == [signal.SIGUSR2]
        assert recorder.path is None
    finally:
        signal.signal(signal.SIGUSR2, signal.SIG_DFL)


def test_a_cut_is_made_of_a_slow_request(folder: Path) -> None:
    async def app(scope: dict[str, str], receive: object, send: object) -> None:
        await asyncio.sleep(float(scope.get("path", "/0")[1:]))

    async def main() -> None:
        nothing: tuple[Any, Any] = (None, None)
        served = SlowRequests(app, recorder, slow_s=0.2)
        await served({"type": "lifespan"}, *nothing)
        await served({"type": "http", "path": "/0"}, *nothing)
        await served({"type": "http", "path": "/0.3"}, *nothing)
        await eventually(lambda: told)

    told: list[str] = []
    with FlightRecorder(at_exit=False, on_cut=lambda _path, why: told.append(why)) as recorder:
        asyncio.run(main())
    assert told == ["a slow request of /0.3"]


def test_a_cut_appears_once_all_of_it_is_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[list[Path]] = []
    write = Path.write_bytes

    def noting(path: Path, data: bytes) -> int:
        written = write(path, data[:10])
        there.append(list(folder.glob("*.loopscope")))
        with path.open("ab") as file:
            return written + file.write(data[10:])

    monkeypatch.setattr(Path, "write_bytes", noting)
    with FlightRecorder(at_exit=False) as recorder:
        asyncio.run(asyncio.sleep(0))
        recorder.cut()
    assert there == [[]]
    assert [path.name for path in folder.iterdir()] == ["cut.loopscope"]


def test_a_disk_that_is_full_is_said_and_does_not_reach_the_program(folder: Path) -> None:
    with FlightRecorder(stem=folder / "no" / "cut") as recorder:
        assert asyncio.run(asyncio.sleep(0, 3)) == 3
    assert recorder.failure is not None
    assert "No such file or directory" in recorder.failure
