"""The judge itself: it sees what ends otherwise, tries again, and says what was not run."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from benchmarks.judges import (
    NOT_RUN,
    Outcome,
    Outcomes,
    differences,
    judge,
    modules,
    outcomes_of_module,
    outcomes_of_suite,
    read,
    report,
    run_bounded,
)
from benchmarks.recorded_tests import Way
from benchmarks.suites import Suite

PASSED, FAILED = Outcome(outcome="passed"), Outcome(outcome="failed", said="it did not")
BOTH = [Way.ATTACHED, Way.MADE]
SUITE = """
import asyncio

def test_sleeps():
    asyncio.run(asyncio.sleep(0.01))

def test_fails():
    assert asyncio.run(asyncio.sleep(0, 1)) == 2
"""


def outcomes(by_test: dict[str, Outcome], rows: int = 7) -> Outcomes:
    return Outcomes(by_test=by_test, rows=rows, end="")


def test_what_ends_otherwise_and_what_is_not_run_are_differences() -> None:
    found = differences(
        Way.MADE, {"a": PASSED, "b": PASSED, "c": FAILED}, {"a": FAILED, "c": FAILED}
    )
    assert [(each.test, each.recorded.outcome) for each in found] == [
        ("a", "failed"),
        ("b", NOT_RUN),
    ]
    assert found[0].lines() == ["  a: bare passed, made failed", "      it did not"]


def test_the_worst_outcome_of_a_test_counts(tmp_path: Path) -> None:
    path = tmp_path / "outcomes"
    path.write_text(
        '{"test": "a", "outcome": "recording failed", "said": "no clock"}\n'
        '{"test": "a", "outcome": "passed", "said": ""}\n'
        '{"test": "b", "outcome": "skipped", "said": "no network"}\n'
        '{"rows": 12}\n'
    )
    read_back = read(path, "")
    assert {test: each.outcome for test, each in read_back.by_test.items()} == {
        "a": "recording failed",
        "b": "skipped",
    }
    assert read_back.rows == 12


def test_a_process_that_hangs_is_ended() -> None:
    said = run_bounded([sys.executable, "-c", "import time; time.sleep(60)"], 0.1)
    assert said == "ended after 0.1 s"
    assert run_bounded([sys.executable, "-c", "raise SystemExit(3)"], 60) == "exit code 3"


@pytest.mark.parametrize(
    ("fails_in", "differing", "unsteady"), [({1}, 0, 1), ({1, 2, 3}, 1, 0), ({2}, 0, 0)]
)
def test_only_what_differs_each_time_is_a_difference(
    fails_in: set[int], differing: int, unsteady: int
) -> None:
    tried = 0

    def run(way: Way) -> Outcomes:
        nonlocal tried
        tried += way is Way.BARE
        fails = way is Way.MADE and tried in fails_in
        return outcomes({"a": PASSED, "b": FAILED if fails else PASSED})

    verdict = judge("module", run, BOTH)
    assert (len(verdict.differing), verdict.unsteady) == (differing, unsteady)
    assert verdict.is_same == (differing == 0)
    lines = report([verdict], BOTH)
    cells = [cell.strip() for cell in lines[2].strip("|").split("|")]
    assert cells == ["module", "2", "2", "7", "0", "7", str(differing), str(unsteady)]


def test_a_suite_that_came_to_no_end_is_no_praise() -> None:
    def run(way: Way) -> Outcomes:
        return Outcomes(by_test={}, rows=0, end="exit code 2")

    verdict = judge("module", run, [Way.MADE])
    assert not verdict.is_same
    assert report([verdict], [Way.MADE])[-1] == "module: bare: exit code 2; made: exit code 2"


def test_a_suite_without_a_test_is_no_praise() -> None:
    verdict = judge("module", lambda way: outcomes({}, rows=0), [Way.MADE])
    assert not verdict.is_same


def test_what_is_started_in_the_background_can_be_interrupted() -> None:
    asks = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    code = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from benchmarks.judges import heed_interrupts\n"
        "heed_interrupts()\n"
        f"subprocess.run([sys.executable, '-c', {asks!r}], check=True)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert said.stdout == "True\n"


@pytest.mark.real
@pytest.mark.skipif(not modules(), reason="this Python has no test package")
def test_asyncios_runners_end_on_a_recording_loop_as_they_do_bare() -> None:
    verdict = judge("test_runners", partial(outcomes_of_module, "test_runners"), BOTH)
    assert verdict.tests > 10
    assert all(rows > 0 for rows in verdict.rows.values())
    assert [line for each in verdict.differing for line in each.lines()] == []


@pytest.mark.real
def test_a_suite_is_run_recorded_and_bare(tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    (suite / "tests").mkdir(parents=True)
    (suite / "tests" / "test_it.py").write_text(SUITE)
    (suite / "tests" / "test_other_way.py").write_text("raise SystemExit(3)")
    left_out = {"test_other*": "it would fail"}
    record = Suite(name="suite", version="1", needs=(), left_out=left_out)
    run = partial(outcomes_of_suite, record, Path(sys.executable), suite)
    verdict = judge("suite", run, [Way.ATTACHED, Way.MADE])
    assert verdict.ends == {Way.BARE: "", Way.ATTACHED: "", Way.MADE: ""}
    assert (verdict.tests, verdict.passed, verdict.is_same) == (2, 1, True)
    assert all(rows > 0 for rows in verdict.rows.values())
