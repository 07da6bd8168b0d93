"""What tests of others say of the recorder: outcomes of two runs, test by test, and a table."""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.judges.recorded import Way
from benchmarks.report import table

TRIES = 3
"""A test may be unsteady by itself: only what differs each time is a difference."""
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
        """Whether all tests ended as they do bare: none did where a run came to no end."""
        return not self.differing and not any(self.ends.values())


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


def run_bounded(command: Sequence[str], limit_s: float, **options: object) -> str:
    """Run a command in a process group of its own; return what was wrong with its end, or nothing.

    Its output is dropped. After `limit_s` seconds it is ended with all that it started.
    """
    process = subprocess.Popen(  # type: ignore[call-overload]
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **options,
    )
    try:
        code = process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return f"ended after {limit_s:g} s"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return "" if code == 0 else f"exit code {code}"
