"""Asking for the current loop where there is none: it is made, but no longer without a warning."""

import sys
from contextlib import AbstractContextManager, nullcontext

import pytest

from tests.core.sleeping import NAMES, run_sleeping
from tests.core.virtual import Ran, ended_ms, whole_ms


def run_warned(count: int) -> Ran:
    """Run the pattern; from Python 3.12 on it must warn."""
    warned: AbstractContextManager[object] = nullcontext()
    if sys.version_info >= (3, 12):
        warned = pytest.warns(DeprecationWarning, match="^There is no current event loop$")
    with warned:
        return run_sleeping("get_event_loop", count, 0.2)


def test_the_loop_that_is_made_is_recorded_and_closed_afterwards() -> None:
    ran = run_warned(3)
    assert ran.loop.is_closed()
    assert len(ran.timeline.steps) > 0


def test_five_sleeps_take_as_long_as_one() -> None:
    ran = run_warned(5)
    assert ended_ms(ran.timeline) == [200] * 5
    assert whole_ms(ran.timeline) == 200
    assert ran.returned.value == NAMES[5]


def test_each_run_is_given_a_loop_of_its_own() -> None:
    assert run_warned(1).loop is not run_warned(1).loop
