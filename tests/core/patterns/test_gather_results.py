"""Gather of coroutines, for what they return."""

from core.jobs import Spread
from tests.kit.sleeping import NAMES, printed, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_five_sleeps_take_as_long_as_one() -> None:
    assert whole_ms(run_sleeping("gather_results", 5, 0.2).timeline) == 200


def test_results_keep_the_order_of_the_arguments_though_the_last_ends_first() -> None:
    ran = run_sleeping("gather_results", 3, 0.3, Spread.FALLING)
    assert ended_ms(ran.timeline) == [300, 200, 100]
    assert ran.returned.value == NAMES[3]
    assert ran.timeline.results == ("job 1", "job 2", "job 3")


def test_it_prints_what_gather_returns() -> None:
    ran = run_sleeping("gather_results", 3, 0.3, Spread.FALLING)
    assert printed(ran, "results") == [(300, "results: job 1 job 2 job 3")]
