"""Asking for the current loop where there is none: made, made with a warning, or refused."""

import sys
from contextlib import AbstractContextManager, nullcontext

import pytest

from tests.kit.sleeping import NAMES, error_of, run_sleeping
from tests.kit.virtual import Ran, ended_ms, whole_ms

REFUSES = sys.version_info >= (3, 14)
WHERE_IT_IS_MADE = pytest.mark.skipif(REFUSES, reason="Python 3.14 and newer make no loop")


def run_warned(count: int) -> Ran:
    """Run the pattern; Python 3.12 and 3.13 must warn."""
    warned: AbstractContextManager[object] = nullcontext()
    if sys.version_info >= (3, 12):
        warned = pytest.warns(DeprecationWarning, match="^There is no current event loop$")
    with warned:
        return run_sleeping("get_event_loop", count, 0.2)


@WHERE_IT_IS_MADE
def test_the_loop_that_is_made_is_recorded_and_closed_afterwards() -> None:
    ran = run_warned(3)
    assert ran.loop.is_closed()
    assert len(ran.timeline.steps) > 0


@WHERE_IT_IS_MADE
def test_five_sleeps_take_as_long_as_one() -> None:
    ran = run_warned(5)
    assert ended_ms(ran.timeline) == [200] * 5
    assert whole_ms(ran.timeline) == 200
    assert ran.returned.value == NAMES[5]


@WHERE_IT_IS_MADE
def test_each_run_is_given_a_loop_of_its_own() -> None:
    assert run_warned(1).loop is not run_warned(1).loop


@pytest.mark.skipif(not REFUSES, reason="before Python 3.14 a loop is made")
def test_python_refuses_and_no_job_is_ever_made() -> None:
    ran = run_sleeping("get_event_loop", 3, 0.2, jobs=0)
    assert error_of(ran).startswith("RuntimeError: There is no current event loop in thread ")
    assert len(ran.timeline.steps) == 0
    assert whole_ms(ran.timeline) == 0
