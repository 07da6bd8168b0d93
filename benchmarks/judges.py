"""What tests of others say of the recorder: do they end on a recording loop as they do bare?

`python -m benchmarks.judges cpython` runs each module of the interpreter's `test.test_asyncio` in
processes of its own, bare and recorded, compares test by test, and prints a table; modules may be
named: `... cpython test_tasks`. `python -m benchmarks.judges anyio`, or another one of
`benchmarks.suites`, takes its tests from its source distribution and installs what they need into
an environment of its own. Where tests cannot be had, a line says so. The status is 1 if a test ends
otherwise, each time that it is tried.
"""

import argparse
import json
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from benchmarks.recorded_tests import FILE, WAY, Way
from benchmarks.report import table
from benchmarks.suites import SUITES, Suite, environment_of, prepare
from core.processes import apart, kill_tree

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "test.test_asyncio"
NOT_HERE = ("test_windows_events", "test_windows_utils")
MODULE_LIMIT_S = 240.0
SUITE_LIMIT_S = 1_800.0
TRIES = 3
"""A test may be unsteady without a recorder, too: only what differs each time is a difference."""
NOT_RUN = "not run"
WORST_LAST = (
    *(NOT_RUN, "did not end", "skipped", "passed", "failed as expected", "passed unexpectedly"),
    *("failed", "error", "recording failed"),
)
"""A test may have several outcomes, one a part of it: the worst of them counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a test ended, and what was said of it."""

    outcome: str
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A test that ended otherwise than bare."""

    test: str
    way: Way
    bare: Outcome
    recorded: Outcome

    def lines(self) -> list[str]:
        """Return the difference as people read it, with the end of what was said."""
        head = f"  {self.test}: bare {self.bare.outcome}, {self.way} {self.recorded.outcome}"
        return [head, *(f"      {line}" for line in self.recorded.said.splitlines()[-12:])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What became of each test, by its name, how many rows were recorded, and how it all ended.

    `end` is empty if the tests came to their end.
    """

    by_test: dict[str, Outcome]
    rows: int
    end: str


def read(path: Path, end: str) -> Outcomes:
    """Return what the file says became of each test; nothing where it was never begun."""
    found: dict[str, Outcome] = {}
    rows = 0
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        row = json.loads(line)
        rows += row.get("rows", 0)
        if "test" not in row:
            continue
        outcome = Outcome(outcome=row["outcome"], said=row["said"])
        before = found.get(row["test"])
        if before is None or _rank(outcome) > _rank(before):
            found[row["test"]] = outcome
    return Outcomes(by_test=found, rows=rows, end=end)


def _rank(outcome: Outcome) -> int:
    return WORST_LAST.index(outcome.outcome)


def differences(
    way: Way, bare: Mapping[str, Outcome], recorded: Mapping[str, Outcome]
) -> list[Difference]:
    """Return the tests that did not end as they do bare."""
    missing = Outcome(outcome=NOT_RUN)
    pairs = {
        test: (bare.get(test, missing), recorded.get(test, missing))
        for test in {**bare, **recorded}
    }
    return [
        Difference(test=test, way=way, bare=without, recorded=with_it)
        for test, (without, with_it) in pairs.items()
        if without.outcome != with_it.outcome
    ]


Run = Callable[[Way], Outcomes]
"""Runs a suite in a way."""


@dataclass(slots=True)
class Verdict:
    """What a suite's tests say: how many there are, and which end otherwise each time."""

    suite: str
    tests: int = 0
    passed: int = 0
    unsteady: int = 0
    rows: dict[Way, int] = field(default_factory=dict)
    ends: dict[Way, str] = field(default_factory=dict)
    differing: list[Difference] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether there are tests and all ended as they do bare; not where a run came to no end."""
        return bool(self.tests) and not self.differing and not any(self.ends.values())


def judge(suite: str, run: Run, ways: Sequence[Way]) -> Verdict:
    """Run a suite's tests, bare and in each of the ways, and compare."""
    verdict = Verdict(suite)
    suspects: set[tuple[str, Way]] | None = None
    for _ in range(TRIES):
        by_way = {way: run(way) for way in (Way.BARE, *ways)}
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


def report(verdicts: Sequence[Verdict], ways: Sequence[Way]) -> list[str]:
    """Return the table of all suites, and below it each test that ends otherwise."""
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
    headings = ["tests of", "tests", "passed bare", *of_ways, "unsteady"]
    lines = table(headings, [*rows, _row(total, ways)])
    for each in verdicts:
        wrong = [f"{way}: {end}" for way, end in each.ends.items() if end]
        lines += [f"{each.suite}: {'; '.join(wrong)}"] if wrong else []
        for difference in each.differing:
            lines += difference.lines()
    return lines


def _row(verdict: Verdict, ways: Sequence[Way]) -> list[str]:
    otherwise = {way: sum(each.way is way for each in verdict.differing) for way in ways}
    of_ways = [f"{number:,}" for way in ways for number in (verdict.rows[way], otherwise[way])]
    tests, passed = f"{verdict.tests:,}", f"{verdict.passed:,}"
    return [verdict.suite, tests, passed, *of_ways, str(verdict.unsteady)]


def heed_interrupts() -> None:
    """Take SIGINT as in the foreground, for all that is started from now on.

    A shell starts what is in the background to ignore it, whoever ignores a signal hands that on,
    and tests of interrupts would then wait for one that never comes.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # `nohup` does so with the signal of a terminal that goes; a handler is not handed on
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is signal.SIG_IGN:
        signal.signal(hangup, lambda *_: None)


def run_bounded(command: Sequence[str], limit_s: float, **options: object) -> str:
    """Run a command in a process group of its own; return what was wrong with its end, or nothing.

    Its output is dropped. After `limit_s` seconds it is ended with all that it started.
    """
    process = subprocess.Popen(  # type: ignore[call-overload]
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **apart(),
        **options,
    )
    try:
        code = process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return f"ended after {limit_s:g} s"
    finally:
        kill_tree(process.pid)
        process.wait()
    return "" if code == 0 else f"exit code {code}"


def modules() -> list[str]:
    """Return the names of the test modules that this interpreter has; none without its package."""
    try:
        spec = find_spec(PACKAGE)
    except ModuleNotFoundError:
        return []
    folders = [] if spec is None else spec.submodule_search_locations or []
    found = {path.stem for folder in folders for path in Path(folder).glob("test_*.py")}
    return sorted(found - set(NOT_HERE))


def outcomes_of_module(module: str, way: Way) -> Outcomes:
    """Run a module's tests in a process of their own."""
    with tempfile.TemporaryDirectory(prefix="judge-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "outcomes"
        command = [sys.executable, "-m", "benchmarks.recorded_tests", f"{PACKAGE}.{module}"]
        end = run_bounded([*command, way, str(path)], MODULE_LIMIT_S, cwd=ROOT)
        return read(path, end)


def outcomes_of_suite(suite: Suite, python: Path, folder: Path, way: Way) -> Outcomes:
    """Run the tests of a suite in a way."""
    path = folder.parent / f"outcomes-{way}"
    environment = environment_of({WAY: way, FILE: str(path)})
    end = run_bounded(suite.command(python), SUITE_LIMIT_S, cwd=folder, env=environment)
    # a failed test is no fault of the run
    return read(path, "" if end == "exit code 1" else end)


def by_cpython(names: Sequence[str], ways: Sequence[Way], processes: int) -> list[Verdict]:
    """Return what the named modules of CPython's tests say, or all; nothing if there are none."""
    names = names or modules()
    if not names:
        print(f"left out: this Python has no {PACKAGE}")
    with ThreadPoolExecutor(processes) as pool:
        return list(
            pool.map(lambda name: judge(name, partial(outcomes_of_module, name), ways), names)
        )


def by_suite(suite: Suite, ways: Sequence[Way]) -> list[Verdict]:
    """Return what somebody's tests say; nothing if they cannot be had."""
    with tempfile.TemporaryDirectory(prefix="judge-", ignore_cleanup_errors=True) as folder:
        try:
            python, sources = prepare(suite, Path(folder))
        except subprocess.CalledProcessError as error:
            print(f"left out: {suite.pinned} and what its tests need cannot be had: {error}")
            return []
        run = partial(outcomes_of_suite, suite, python, sources)
        return [judge(suite.pinned, run, ways)]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judges", description=__doc__)
    judges = parser.add_subparsers(dest="judge", required=True)
    cpython = judges.add_parser("cpython")
    cpython.add_argument("modules", nargs="*", metavar="MODULE")
    cpython.add_argument("--processes", type=int, default=2, help="how many modules at a time")
    cpython.set_defaults(ways=[Way.ATTACHED, Way.MADE])
    of_suites = [judges.add_parser(name) for name in SUITES]
    for each in of_suites:
        each.set_defaults(ways=[Way.ATTACHED])
    for each in (cpython, *of_suites):
        each.add_argument("--way", choices=[Way.ATTACHED, Way.MADE], type=Way, action="append")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print, and return 1 if a test ends otherwise."""
    heed_interrupts()
    asked = _options(arguments)
    ways = asked.way or asked.ways
    if asked.judge == "cpython":
        verdicts = by_cpython(asked.modules, ways, asked.processes)
    else:
        verdicts = by_suite(SUITES[asked.judge], ways)
    if verdicts:
        print(f"Python {platform.python_version()}")
        print(*report(verdicts, ways), sep="\n")
    return 0 if all(each.is_same for each in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
