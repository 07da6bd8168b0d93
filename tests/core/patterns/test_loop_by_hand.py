"""A loop made, run and closed by hand: what asyncio.run does, less what it cleans up."""

from tests.kit.sleeping import NAMES, error_of, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_the_loop_that_it_makes_is_recorded_and_closed_afterwards() -> None:
    ran = run_sleeping("loop_by_hand", 3, 0.2)
    assert ran.loop.is_closed()
    assert len(ran.timeline.steps) > 0


def test_five_sleeps_take_as_long_as_one() -> None:
    ran = run_sleeping("loop_by_hand", 5, 0.2)
    assert ended_ms(ran.timeline) == [200] * 5
    assert whole_ms(ran.timeline) == 200
    assert ran.returned.value == NAMES[5]


def test_after_an_error_nobody_cancels_the_others() -> None:
    ran = run_sleeping("loop_by_hand", 3, failing=2)
    assert error_of(ran) == "RuntimeError: job 2 went wrong"
    assert ran.timeline.jobs.outcome == ("lost", "failed", "lost")
