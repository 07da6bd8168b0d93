"""CPython's own tests of asyncio as judge: do they end on a recording loop as they do bare?

`python -m tests.judges.cpython` runs each module of the interpreter's `test.test_asyncio` in
processes of its own, bare and recorded, compares test by test, and prints a table. The status is
1 if a test ends otherwise, each time that it is tried. Modules may be named: `... test_tasks`.
"""

import argparse
import platform
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from benchmarks.report import table
from tests.judges.recorded import Way
from tests.judges.verdict import Difference, Outcomes, differences, read, run_bounded

PACKAGE = "test.test_asyncio"
ROOT = Path(__file__).resolve().parents[2]
NOT_HERE = ("test_windows_events", "test_windows_utils")
MODULE_LIMIT_S = 240.0
TRIES = 3
"""A test may be unsteady by itself: only what differs each time is a difference."""


@dataclass(slots=True)
class Verdict:
    """What a module's tests say: how many there are, and which end otherwise each time."""

    module: str
    tests: int = 0
    passed: int = 0
    unsteady: int = 0
    rows: dict[Way, int] = field(default_factory=dict)
    ends: dict[Way, str] = field(default_factory=dict)
    differing: list[Difference] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether all tests ended as they do bare."""
        return not self.differing


def modules() -> list[str]:
    """Return the names of the test modules that this interpreter has; none without its package."""
    try:
        spec = find_spec(PACKAGE)
    except ModuleNotFoundError:
        return []
    folders = [] if spec is None else spec.submodule_search_locations or []
    found = {path.stem for folder in folders for path in Path(folder).glob("test_*.py")}
    return sorted(found - set(NOT_HERE))


def judge(module: str, ways: Sequence[Way]) -> Verdict:
    """Run a module's tests, bare and in each of the ways, and compare."""
    verdict = Verdict(module)
    suspects: set[tuple[str, Way]] | None = None
    for _ in range(TRIES):
        by_way = {way: outcomes_of(module, way) for way in (Way.BARE, *ways)}
        bare = by_way[Way.BARE].by_test
        verdict.tests = len(bare)
        verdict.passed = sum(each.outcome == "passed" for each in bare.values())
        verdict.rows = {way: by_way[way].rows for way in ways}
        verdict.ends = {way: outcomes.end for way, outcomes in by_way.items()}
        found = [
            difference for way in ways for difference in differences(way, bare, by_way[way].by_test)
        ]
        verdict.differing = [
            each for each in found if suspects is None or (each.test, each.way) in suspects
        ]
        first_suspects = suspects
        suspects = {(each.test, each.way) for each in verdict.differing}
        if first_suspects is not None:
            verdict.unsteady += len(first_suspects - suspects)
        if not suspects or any(verdict.ends.values()):
            break
    return verdict


def outcomes_of(module: str, way: Way) -> Outcomes:
    """Run a module's tests in a process of their own."""
    with tempfile.TemporaryDirectory(prefix="judge-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "outcomes"
        command = [sys.executable, "-m", "tests.judges.unittest_run", f"{PACKAGE}.{module}"]
        end = run_bounded([*command, way, str(path)], MODULE_LIMIT_S, cwd=ROOT)
        return read(path, end)


def report(verdicts: Sequence[Verdict], ways: Sequence[Way]) -> list[str]:
    """Return the table of all modules, and below it each test that ends otherwise."""
    rows = [_row(each, ways) for each in verdicts]
    total = Verdict(
        "all",
        tests=sum(each.tests for each in verdicts),
        passed=sum(each.passed for each in verdicts),
        unsteady=sum(each.unsteady for each in verdicts),
        rows={way: sum(each.rows[way] for each in verdicts) for way in ways},
        differing=[difference for each in verdicts for difference in each.differing],
    )
    of_ways = [heading for way in ways for heading in (f"{way}: rows", "otherwise")]
    headings = ["module", "tests", "passed bare", *of_ways, "unsteady"]
    lines = table(headings, [*rows, _row(total, ways)])
    for each in verdicts:
        wrong = [f"{way}: {end}" for way, end in each.ends.items() if end]
        lines += [f"{each.module}: {'; '.join(wrong)}"] if wrong else []
        for difference in each.differing:
            lines += difference.lines()
    return lines


def _row(verdict: Verdict, ways: Sequence[Way]) -> list[str]:
    otherwise = {way: sum(each.way is way for each in verdict.differing) for way in ways}
    of_ways = [f"{number:,}" for way in ways for number in (verdict.rows[way], otherwise[way])]
    tests, passed = f"{verdict.tests:,}", f"{verdict.passed:,}"
    return [verdict.module, tests, passed, *of_ways, str(verdict.unsteady)]


def main(arguments: list[str]) -> int:
    """Judge, print, and return 1 if a test ends otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--way", choices=[Way.ATTACHED, Way.MADE], type=Way, action="append")
    parser.add_argument("--processes", type=int, default=2, help="how many modules at a time")
    asked = parser.parse_args(arguments)
    ways = asked.way or [Way.ATTACHED, Way.MADE]
    names = asked.modules or modules()
    if not names:
        print(f"left out: this Python has no {PACKAGE}")
        return 0
    with ThreadPoolExecutor(asked.processes) as pool:
        verdicts = list(pool.map(partial(judge, ways=ways), names))
    print(f"Python {platform.python_version()}")
    print(*report(verdicts, ways), sep="\n")
    return 0 if all(each.is_same for each in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
