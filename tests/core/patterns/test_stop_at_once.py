"""A signal that cancels everything: what is under way and what is queued is lost."""

import pytest

from core.analysis.findings_text import findings_text
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import MS, Ran, ended_ms, whole_ms

NEVER = "^coroutine '.*' was never awaited$"


def stopped() -> Ran:
    """Return a run of a service that is stopped while it works on two jobs, with two queued."""
    with pytest.warns(RuntimeWarning, match=NEVER) as warned:
        ran = run_sleeping("stop_at_once", 6, 0.1, limit=2, timeout_s=0.15)
    assert len(warned) == 2
    return ran


def test_what_is_under_way_is_cancelled_and_what_is_queued_never_begins() -> None:
    ran = stopped()
    assert (ran.timeline.jobs.created_ns // MS).tolist() == [0, 10, 20, 30, 40, 50]
    assert ended_ms(ran.timeline) == [100, 110, 150, 150, 150, 150]
    assert ran.timeline.jobs.outcome == (*["ok"] * 2, *["cancelled"] * 2, *["lost"] * 2)
    assert ran.returned.value == ["job 1", "job 2", None, None, None, None]
    assert whole_ms(ran.timeline) == 150


def test_no_error_says_that_jobs_were_lost_but_the_sentence_does() -> None:
    ran = stopped()
    assert ran.returned.error is None
    assert findings_text(ran.timeline).endswith(
        "2 jobs were cancelled by the pattern after 150 ms. 2 jobs never began."
    )


def test_a_worker_that_swallows_its_cancellation_ends_after_its_job() -> None:
    with pytest.warns(RuntimeWarning, match=NEVER):
        ran = run_sleeping("stop_at_once", 3, 0.1, limit=1, timeout_s=0.05, workload="stubborn")
    assert ran.timeline.jobs.outcome == ("ok", "lost", "lost")
    assert whole_ms(ran.timeline) == 100


def test_a_signal_after_the_work_ends_nothing_but_the_wait_for_it() -> None:
    ran = run_sleeping("stop_at_once", 2, 0.1, limit=2, timeout_s=0.3)
    assert ran.returned.value == NAMES[2]
    assert ended_ms(ran.timeline) == [100, 110]
    assert whole_ms(ran.timeline) == 300
