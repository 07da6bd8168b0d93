"""A line for each run, and counts."""

import json
import logging
from dataclasses import replace

import pytest

from core.errors import ProcessStuck, Role, RunFailed, Stuck
from core.measuring.comparison import Comparison
from core.measuring.forking import Spares
from core.measuring.measurement import Measurement
from core.measuring.run_log import RunLog, outcome
from core.measuring.turns import Capacity, Turns
from core.services import Services
from core.spec.run_spec import RunSpec
from tests.kit.watching import LIMIT_S

SPEC = RunSpec(pattern="gather", tasks=3, sleep_s=0.01)


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
