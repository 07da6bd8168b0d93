"""What recording costs, as far as no time is asserted."""

import asyncio
import gc

from core.recording.cost import cost_per_event_ns, rehearse


def test_the_cost_is_a_number_that_is_not_negative() -> None:
    assert cost_per_event_ns() >= 0


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
