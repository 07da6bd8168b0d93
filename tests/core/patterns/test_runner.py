"""asyncio.Runner: several runs in one loop, one after another."""

import asyncio

from core.jobs import Spread
from core.patterns import PATTERNS
from tests.kit.laws import assert_laws
from tests.kit.sleeping import NAMES, error_of, run_sleeping
from tests.kit.virtual import ended_ms, run_virtually, whole_ms


def test_the_second_half_begins_when_the_first_has_ended() -> None:
    timeline = run_sleeping("runner", 5, 0.2).timeline
    assert ended_ms(timeline) == [200, 200, 200, 400, 400]
    assert whole_ms(timeline) == 400
    assert timeline.jobs.created_ns[3:].min() > timeline.jobs.ended_ns[:3].max()


def test_both_halves_run_in_one_loop_which_is_closed_afterwards() -> None:
    loops: set[object] = set()

    async def job(index: int) -> None:
        loops.add(asyncio.get_running_loop())

    ran = run_virtually(PATTERNS["runner"], job, 4)
    assert_laws(ran.timeline, jobs=4)
    (loop,) = loops
    assert loop is ran.loop
    assert ran.loop.is_closed()


def test_results_are_in_the_order_of_the_calls() -> None:
    ran = run_sleeping("runner", 4, 0.4, Spread.FALLING)
    assert ended_ms(ran.timeline) == [400, 300, 600, 500]
    assert ran.returned.value == NAMES[4]


def test_after_a_failure_in_the_first_half_there_is_no_second() -> None:
    ran = run_sleeping("runner", 4, 0.2, failing=1, jobs=2)
    assert error_of(ran) == "RuntimeError: job 1 went wrong"
    assert ran.timeline.jobs.outcome == ("failed", "cancelled")


def test_a_single_job_leaves_nothing_for_the_second_half() -> None:
    assert run_sleeping("runner", 1).returned.value == NAMES[1]
