"""What a server keeps of finished runs: results, up to a bound, a line for each, and counts."""

import json
import logging
from dataclasses import replace

import pytest

from core.errors import ProcessStuck, ResultEvicted, Role, RunFailed, Stuck
from core.measuring.comparison import Comparison
from core.measuring.finished import ResultCache, RunLog, outcome
from core.measuring.forking import Spares
from core.measuring.measurement import Measurement
from core.measuring.turns import Capacity, Turns
from core.services import Services
from core.spec.run_spec import RunSpec
from tests.kit.watching import LIMIT_S

SPEC = RunSpec(pattern="gather", tasks=3, sleep_s=0.01)


def measured() -> Comparison:
    comparison = Comparison([SPEC], Spares(0), Services())
    assert comparison.ended.wait(LIMIT_S)
    return comparison


def texts(comparison: Comparison) -> list[str]:
    return [str(each.error or "") for each in comparison.measurements]


@pytest.mark.real
def test_the_oldest_is_evicted_when_there_is_no_room_and_says_so() -> None:
    first, second, third = measured(), measured(), measured()
    size = first.measurements[0].size_bytes
    assert size > 0
    cache = ResultCache(most_bytes=int(2.5 * size))
    for comparison in (first, second):
        cache.keep(comparison)
    assert (texts(first), texts(second)) == ([""], [""])
    cache.keep(third)
    assert texts(first) == ["this result was dropped to free memory; run again"]
    assert isinstance(first.measurements[0].error, ResultEvicted)
    assert first.measurements[0].timeline() is None
    assert (texts(second), texts(third)) == ([""], [""])
    assert cache.size_bytes <= 2.5 * size


@pytest.mark.real
def test_the_latest_is_kept_however_large_it_is() -> None:
    cache = ResultCache(most_bytes=1)
    comparison = measured()
    cache.keep(comparison)
    assert texts(comparison) == [""]
    assert comparison.measurements[0].timeline() is not None


@pytest.mark.real
def test_what_is_forgotten_makes_room_for_others() -> None:
    cache = ResultCache(most_bytes=1)
    first, second = measured(), measured()
    cache.keep(first)
    cache.forget(first)
    assert cache.size_bytes == 0
    cache.keep(second)
    assert texts(first) == [""]


@pytest.mark.real
def test_a_finished_timeline_stays_when_its_rows_are_gone() -> None:
    comparison = measured()
    (measurement,) = comparison.measurements
    size = measurement.size_bytes
    timeline = measurement.timeline()
    assert timeline is not None
    assert len(timeline.jobs) == 3
    assert not measurement._received.events
    assert measurement.timeline() is timeline
    assert measurement.size_bytes == size


def noted(
    run_log: RunLog, caplog: pytest.LogCaptureFixture, turns: Turns | None = None
) -> dict[str, object]:
    """Measure and return the line of the log about it."""
    caplog.set_level(logging.INFO, logger="loopscope")
    comparison = Comparison(
        [SPEC],
        Spares(0),
        Services(),
        turns=turns,
        on_end=lambda ended: run_log.note(ended, "a1b2"),
    )
    assert comparison.ended.wait(LIMIT_S)
    (record,) = caplog.records
    line: dict[str, object] = json.loads(record.getMessage())
    return line


@pytest.mark.real
def test_a_run_is_logged_as_one_line_with_what_the_operator_needs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    run_log = RunLog()
    line = noted(run_log, caplog)
    assert list(line) == ["event", "session", "spec", "waited_ms", "wall_ms", "outcome"]
    assert line["session"] == "a1b2"
    assert line["spec"] == {
        name: value for name, value in SPEC.as_dict().items() if value is not None
    }
    assert isinstance(line["wall_ms"], float)
    assert line["wall_ms"] >= 10
    assert line["outcome"] == "ok"
    assert run_log.counts == {"ok": 1}


def test_what_is_refused_is_logged_and_counted_by_its_kind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    run_log = RunLog()
    line = noted(run_log, caplog, Turns(Capacity(cores=1, waiting=0)))
    assert (line["outcome"], line["wall_ms"]) == ("ServerFull", None)
    assert run_log.counts == {"ServerFull": 1}


def test_a_failure_is_told_with_its_kind() -> None:
    measurement = Measurement(SPEC)
    measurement.end_early(RunFailed("MemoryError", "a run may use 5 MB"))
    assert outcome(measurement) == "RunFailed (MemoryError)"


def test_a_process_that_stood_still_is_told_by_what_it_is() -> None:
    measurement = Measurement(SPEC)
    measurement.end_early(ProcessStuck(9.0, Stuck(Role.POSTMASTER, 42)))
    assert outcome(measurement) == "ProcessStuck (postmaster)"


@pytest.mark.real
def test_a_run_that_raised_is_told_with_the_kind_and_its_failed_jobs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="loopscope")
    run_log = RunLog()
    spec = replace(SPEC, failing=1)
    comparison = Comparison(
        [spec], Spares(0), Services(), on_end=lambda ended: run_log.note(ended, "a1b2")
    )
    assert comparison.ended.wait(LIMIT_S)
    (record,) = caplog.records
    line = json.loads(record.getMessage())
    kind = line["outcome"].removeprefix("raised (").removesuffix(")")
    assert line["outcome"] == f"raised ({kind})"
    assert line["failed_jobs"] == {kind: 1}
