"""Gather: all tasks at once, one wait for all of them."""

import asyncio

from core.jobs import Spread
from core.patterns import PATTERNS
from tests.kit.laws import assert_laws
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms, run_virtually, whole_ms


def test_five_sleeps_take_as_long_as_one() -> None:
    assert whole_ms(run_sleeping("gather", 5, 0.2).timeline) == 200


def test_results_keep_the_order_of_the_arguments_though_the_last_ends_first() -> None:
    ran = run_sleeping("gather", 3, 0.3, Spread.FALLING)
    assert ended_ms(ran.timeline) == [300, 200, 100]
    assert ran.returned.value == NAMES[3]


async def fails_second(index: int) -> int:
    await asyncio.sleep(0.1 * (index + 1))
    if index == 1:
        raise ValueError("job 2 has had enough")
    return index


def test_one_failure_ends_the_pattern_and_cancels_those_still_waiting() -> None:
    ran = run_virtually(PATTERNS["gather"], fails_second, 3)
    assert_laws(ran.timeline, jobs=3)
    assert ran.timeline.jobs.outcome == ("ok", "failed", "cancelled")
    assert ran.returned.error is not None
    assert ran.returned.error.as_dict() == {
        "type": "ValueError",
        "message": "job 2 has had enough",
    }
    assert whole_ms(ran.timeline) == 200
