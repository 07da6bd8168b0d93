"""What a measuring child tells of a job that misbehaves."""

import os

import pytest

from core.errors import ChildLost
from core.measuring.measurement import Measurement
from core.recording.texts import MAX_MESSAGE_CHARACTERS
from core.runfile import dump
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Timeline
from tests.kit.laws import assert_laws
from tests.kit.watching import LIMIT_S, measuring

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


can_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


@pytest.mark.real
@can_fork
@pytest.mark.parametrize(
    ("name", "job", "text"),
    [
        ("main", "come_back_twice", "original"),
        ("threads", "come_back_twice", "original"),
        ("main", "fork_and_exit", "3"),
        ("threads", "fork_and_exit", "0"),
        ("main", "start_a_process", "True"),
        ("pool", "start_a_process", "True"),
        ("default", "start_a_process", "True"),
    ],
)
def test_a_copy_that_a_job_forks_tells_nothing_and_ends_as_it_would_by_itself(
    name: str, job: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    measurement, timeline = run_odd(SPECS[name], job, monkeypatch)
    assert measurement.error is None
    assert timeline.finished
    assert timeline.jobs.number.tolist() == [0, 1]
    assert timeline.jobs.outcome == ("ok", "ok")
    assert timeline.jobs.result == (text, text)


@pytest.mark.real
@everywhere
def test_a_number_of_thousands_of_digits_is_told_by_its_size(
    spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    measurement, timeline = run_odd(spec, "huge_number", monkeypatch)
    assert measurement.error is None
    assert timeline.results == timeline.jobs.result == ("<int of 16,610 bits>",) * 2


@pytest.mark.real
@everywhere
def test_a_message_of_megabytes_is_cut(spec: RunSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    measurement, timeline = run_odd(spec, "long_error", monkeypatch)
    assert measurement.error is None
    error = timeline.jobs.error[0]
    assert error is not None
    assert error.message == "x" * (MAX_MESSAGE_CHARACTERS - 1) + "…"
    assert len(dump([timeline])) < 50_000
