import asyncio
import gc

from core.recording.rehearsal import rehearse


def loops() -> list[asyncio.AbstractEventLoop]:
    """Return the event loops that there are in this process."""
    return [each for each in gc.get_objects() if issubclass(type(each), asyncio.BaseEventLoop)]


def test_a_rehearsal_leaves_no_loop_behind() -> None:
    before = loops()
    rehearse()
    rehearse()
    assert asyncio._get_running_loop() is None
    gc.collect()
    assert [each for each in loops() if each not in before] == []
