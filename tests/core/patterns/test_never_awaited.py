"""A forgotten await: the coroutines are made, and never begin."""

import pytest

from core.timeline.timeline import State
from tests.kit.sleeping import printed, run_sleeping
from tests.kit.virtual import states, whole_ms


def test_no_job_ever_begins_and_each_is_warned_of() -> None:
    with pytest.warns(RuntimeWarning, match="^coroutine 'sleep' was never awaited$") as warned:
        timeline = run_sleeping("never_awaited", 3).timeline
    assert len(warned) == 3
    assert timeline.jobs.outcome == ("lost",) * 3
    assert [states(timeline, job) for job in range(3)] == [[State.WAITING]] * 3


def test_the_pattern_returns_at_once_and_nothing_was_done() -> None:
    with pytest.warns(RuntimeWarning, match="never awaited"):
        ran = run_sleeping("never_awaited", 2)
    assert whole_ms(ran.timeline) == 0
    assert ran.returned.value is None
    assert printed(ran, "job") == []
