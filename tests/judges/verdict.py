"""What tests of others say of the recorder: outcomes of two runs, test by test, and a table."""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.judges.recorded import Way

NOT_RUN = "not run"
NOTHING = "nothing"
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
