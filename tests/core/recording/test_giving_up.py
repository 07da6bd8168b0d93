"""Whatever fails inside of the recorder ends the recording with a word, and never the program."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from core.recording import tracking
from core.recording.loop import LoopRecording
from core.recording.recorder import Recorder
from core.recording.sites import Sites
from tests.kit.virtual import KeepingRecorder, run_here

PARTS: list[tuple[Any, str]] = [
    *((Recorder, name) for name in ("create", "end", "begin_job", "end_job", "lane_of_new_loop")),
    *((Sites, name) for name in ("of_suspended", "of_function", "_meet", "_number")),
    *((LoopRecording, name) for name in ("track", "track_owner", "cause_of", "wait_of")),
    *((LoopRecording, name) for name in ("final_outcome", "note_unseen_cancellation")),
    *((LoopRecording, name) for name in ("_cut", "_begin_inside", "_end_inside", "_caller")),
    *((LoopRecording, name) for name in ("_setter_of_timer", "_write_cancellation")),
    *((tracking, name) for name in ("canceller", "new_state", "pack_row")),
]


async def job(index: int) -> int:
    await asyncio.sleep(0.001)
    loop = asyncio.get_running_loop()
    loop.call_soon(int)
    loop.call_soon_threadsafe(int)
    task = asyncio.create_task(asyncio.sleep(1))
    await asyncio.sleep(0)
    task.cancel()
    try:
        async with asyncio.timeout(0.001):
            await task
    except (asyncio.CancelledError, TimeoutError):
        pass
    return index


async def pattern(job: Callable[[int], Any], count: int) -> list[object]:
    results = await asyncio.gather(*[job(index) for index in range(count)])
    stubborn = asyncio.create_task(job(count))
    await asyncio.sleep(0)
    stubborn.cancel()
    last = await asyncio.gather(stubborn, return_exceptions=True)
    return [*results, await job(count + 1), type(last[0]).__name__]


def program_with(recorder: Recorder) -> object:
    ran = run_here(pattern, job, 2, recorder=recorder)
    assert ran.returned.error is None
    return ran.returned.value


EXPECTED = [0, 1, 3, "CancelledError"]


@pytest.mark.parametrize(("owner", "name"), PARTS, ids=lambda part: getattr(part, "__name__", part))
def test_a_part_that_fails_ends_the_recording_and_not_the_program(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def fails(*_: object, **__: object) -> None:
        calls.append(name)
        raise ZeroDivisionError(f"{name} fails on purpose")

    recorder = KeepingRecorder()
    monkeypatch.setattr(owner, name, fails)
    assert program_with(recorder) == EXPECTED
    if calls:
        assert recorder.failure is not None
        assert f"ZeroDivisionError: {name} fails on purpose (test_giving_up.py:" in recorder.failure


@pytest.mark.parametrize("readings", [3, 10, 30, 60])
def test_a_clock_that_fails_later_ends_the_recording_and_not_the_program(readings: int) -> None:
    recorder = KeepingRecorder()
    clock, left = recorder.clock, iter(range(readings))

    def fails() -> int:
        if threading.current_thread() is threading.main_thread() and next(left, None) is None:
            raise OSError("no clock")
        return clock()

    async def with_a_failing_clock(job: Any, count: int) -> list[object]:
        loop: Any = asyncio.get_running_loop()
        loop.step.clock = fails
        loop.time = time.monotonic
        return await pattern(job, count)

    ran = run_here(with_a_failing_clock, job, 2, recorder=recorder)
    assert ran.returned.value == EXPECTED
    assert recorder.failure is not None
    assert "no clock" in recorder.failure


def test_without_a_failure_there_is_no_word_of_one() -> None:
    recorder = KeepingRecorder()
    assert program_with(recorder) == EXPECTED
    assert recorder.failure is None
