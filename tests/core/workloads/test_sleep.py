"""The workload `sleep`: a timer, and the loop is free."""

from core.jobs import Spread
from core.timeline.timeline import On, State
from core.workloads.sleep import sleep
from tests.kit.sleeping import error_of, printed, run_sleeping
from tests.kit.virtual import ended_ms, site_of


def test_a_job_waits_on_its_timer_for_its_duration() -> None:
    timeline = run_sleeping("sequential", 1, 0.25).timeline
    spans = timeline.spans
    (wait,) = [row for row in range(len(spans)) if spans.state[row] == State.WAITING]
    assert spans.on[wait] == On.TIMER
    assert round(int(spans.duration_ns[wait]) / 1_000_000) == 250
    assert timeline.site_name(int(spans.site[wait])) == site_of(sleep, "await")


def test_falling_durations_make_each_job_shorter_than_the_one_before() -> None:
    timeline = run_sleeping("gather", 4, 0.4, Spread.FALLING).timeline
    assert (timeline.jobs.ended_ns // 1_000_000).tolist() == [400, 300, 200, 100]


def test_a_job_prints_its_end_and_returns_its_name() -> None:
    ran = run_sleeping("sequential", 1)
    assert ran.returned.value == ["job 1"]
    ((at_ms, line),) = printed(ran)
    assert (at_ms, line.split(" ", 1)[1]) == (200, "job 1")


def test_the_job_that_shall_fail_says_which_it_is_and_prints_no_end() -> None:
    ran = run_sleeping("gather", 1, failing=1, failing_after_s=0.05)
    assert error_of(ran) == "RuntimeError: job 1 went wrong"
    assert ended_ms(ran.timeline) == [50]
    assert printed(ran) == []
