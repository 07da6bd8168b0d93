"""The workload `sleep`: a timer, and the loop is free."""

import pytest

from core.jobs import Spread
from core.timeline import On, State
from tests.core.sleeping import run_sleeping


def test_a_job_waits_on_its_timer_for_its_duration() -> None:
    timeline = run_sleeping("sequential", 1, 0.25).timeline
    spans = timeline.spans
    (wait,) = [row for row in range(len(spans)) if spans.state[row] == State.WAITING]
    assert spans.on[wait] == On.TIMER
    assert round(int(spans.duration_ns[wait]) / 1_000_000) == 250
    assert timeline.site_name(int(spans.site[wait])) == "core/workloads/sleep.py:11"


def test_falling_durations_make_each_job_shorter_than_the_one_before() -> None:
    timeline = run_sleeping("gather", 4, 0.4, Spread.FALLING).timeline
    assert (timeline.jobs.ended_ns // 1_000_000).tolist() == [400, 300, 200, 100]


def test_a_job_prints_its_end_and_returns_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run_sleeping("sequential", 1)
    assert ran.returned.value == ["job 1"]
    assert capsys.readouterr().out.split(" ", 1)[1] == "job 1\n"
