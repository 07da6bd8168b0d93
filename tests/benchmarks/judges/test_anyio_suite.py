"""The judge by anyio's tests: a suite of pytest is run in each way, and its outcomes are read."""

import sys
from functools import partial
from pathlib import Path

import pytest

from benchmarks.judges import anyio_suite
from benchmarks.judges.recorded import Way
from benchmarks.judges.verdict import judge

SUITE = """
import asyncio

def test_sleeps():
    asyncio.run(asyncio.sleep(0.01))

def test_fails():
    assert asyncio.run(asyncio.sleep(0, 1)) == 2
"""


@pytest.mark.real
def test_a_suite_is_run_recorded_and_bare(tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    (suite / "tests").mkdir(parents=True)
    (suite / "tests" / "test_it.py").write_text(SUITE)
    run = partial(anyio_suite.outcomes_of, Path(sys.executable), suite)
    verdict = judge("suite", run, [Way.ATTACHED, Way.MADE])
    assert verdict.ends == {Way.BARE: "", Way.ATTACHED: "", Way.MADE: ""}
    assert (verdict.tests, verdict.passed, verdict.is_same) == (2, 1, True)
    assert all(rows > 0 for rows in verdict.rows.values())
