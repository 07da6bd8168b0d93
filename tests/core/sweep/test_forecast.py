"""How long the rest of a sweep takes."""

import pytest

from core.spec.machine import default_pool_size
from core.sweep.forecast import FIRST_GUESS_S, Took, remaining_s
from core.sweep.series import Series
from tests.core.sweep.points import point

COROUTINES, POOL, *_ = Series


def test_before_anything_is_measured_it_is_the_ideals_and_a_guess() -> None:
    waves = 10
    to_come = [(COROUTINES, 1_000), (POOL, waves * default_pool_size())]
    expected = 2 * FIRST_GUESS_S + 0.1 + waves * 0.1
    assert remaining_s(to_come, [], 0.1) == pytest.approx(expected)


def test_what_a_job_cost_so_far_is_added_for_each_job_to_come() -> None:
    done = [Took(point=point(COROUTINES, 100, 110), seconds=0.41)]
    assert remaining_s([(COROUTINES, 1_000)], done, 0.1) == pytest.approx(0.3 + 0.1 + 0.1)


def test_what_will_be_refused_takes_no_time() -> None:
    assert remaining_s([(POOL, 100_000), (Series.PROCESSES, 100)], [], 0.1) == 0
