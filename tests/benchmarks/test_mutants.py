"""A sample of the mutants of run files; `python -m benchmarks.mutants` tries thousands."""

from collections.abc import Sequence

import pytest

from benchmarks import mutants
from benchmarks.mutants import SEEDS, mutant, tried, ways
from core.exports import EXPORTS
from core.runfile import load
from core.timeline.timeline import Timeline

SAMPLE = [*range(30), 69, 3047]
"""The last ones once were refused when read back, and divided by a wall time of 0."""


@pytest.mark.parametrize("number", SAMPLE)
def test_a_mutant_is_refused_in_a_line_or_shown_in_every_way(number: int) -> None:
    _what, faults = tried(number)
    assert faults == []


def test_the_same_number_is_the_same_mutant() -> None:
    assert mutant(3) == mutant(3)
    assert len({mutant(number) for number in range(20)}) == 20


def test_every_seed_is_a_run_file_and_every_export_is_tried() -> None:
    seeds = [load(path.read_bytes()) for path in SEEDS.glob("*.json")]
    assert len(seeds) == 10
    assert set(EXPORTS) <= set(ways())


def test_a_fault_is_found_and_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(runs: Sequence[Timeline]) -> None:
        raise ZeroDivisionError(f"of {runs and 1} run")

    monkeypatch.setattr(mutants, "ways", lambda: {"a way": failing})
    assert mutants.main(["--count", "5", "--first", "0"]) == 1
    shown = capsys.readouterr()
    assert "| a way: ZeroDivisionError: of 1 run" in shown.out
    assert "Traceback" in shown.err


def test_without_a_fault_the_status_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert mutants.main(["--count", "2", "--first", "69"]) == 0
    assert capsys.readouterr().err == ""
