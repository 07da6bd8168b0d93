"""What a measuring child tells of a job that misbehaves."""

import pytest

from core.errors import ChildLost
from core.running.measurement import Measurement
from core.spec import RunSpec
from core.timeline import Timeline
from tests.core.laws import assert_laws
from tests.core.running.watching import LIMIT_S, measuring

SPECS = {
    "main": RunSpec(pattern="blocking_loop", tasks=2, sleep_s=0),
    "threads": RunSpec(pattern="threads", tasks=2, sleep_s=0),
    "default": RunSpec(pattern="run_in_executor", tasks=2, sleep_s=0),
    "pool": RunSpec(pattern="run_in_executor", tasks=2, sleep_s=0, executor="threads", workers=2),
    "processes": RunSpec(
        pattern="run_in_executor", tasks=2, sleep_s=0, executor="processes", workers=2
    ),
}
everywhere = pytest.mark.parametrize("spec", SPECS.values(), ids=list(SPECS))


def run_odd(
    spec: RunSpec, job: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[Measurement, Timeline]:
    monkeypatch.setenv("ODD_JOB", job)
    with measuring(spec, odd=True) as (measurement, _child):
        assert measurement.ended.wait(LIMIT_S)
        timeline = measurement.timeline()
    assert timeline is not None
    assert_laws(timeline)
    return measurement, timeline


@pytest.mark.real
@everywhere
def test_what_a_job_writes_lands_in_the_transcript_and_corrupts_nothing(
    spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    measurement, timeline = run_odd(spec, "garbage", monkeypatch)
    assert measurement.error is None
    assert timeline.finished
    assert timeline.results == ("survived", "survived")
    texts = [line.text.replace("halfline", "half\nline") for line in timeline.log]
    lines = [line for text in texts for line in text.split("\n")]
    assert sorted(lines) == sorted(["line one", "line two", "half", "an error"] * 2)


@pytest.mark.real
@pytest.mark.parametrize("name", ["main", "threads", "pool"])
def test_a_job_that_takes_its_process_away_ends_the_run_as_lost(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    measurement, timeline = run_odd(SPECS[name], "die", monkeypatch)
    assert isinstance(measurement.error, ChildLost)
    assert not timeline.finished


@pytest.mark.real
def test_a_worker_process_that_dies_fails_its_jobs_and_the_run_is_told_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measurement, timeline = run_odd(SPECS["processes"], "die", monkeypatch)
    assert measurement.error is None
    assert timeline.finished
    assert timeline.jobs.outcome == ("failed", "failed")
    assert timeline.error is not None
    assert timeline.error.kind == "BrokenProcessPool"


@pytest.mark.real
@everywhere
def test_a_failure_is_told_with_its_type_and_message(
    spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    measurement, timeline = run_odd(spec, "fail", monkeypatch)
    assert measurement.error is None
    assert set(timeline.jobs.outcome) == {"failed"}
    error = timeline.jobs.error[0]
    assert error is not None
    assert error.kind == "ValueError"
    assert error.message == "작업 0 — ?"


@pytest.mark.real
@everywhere
def test_a_job_that_asks_the_interpreter_to_end_does_not_hang_the_run(
    spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, timeline = run_odd(spec, "leave", monkeypatch)
    assert "ok" not in timeline.jobs.outcome
