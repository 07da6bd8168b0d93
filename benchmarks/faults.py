"""What becomes of runs when a process that they need is stopped or killed.

Run as `python -m benchmarks.faults --markdown docs/hosting.md`. Each case has a server process of
its own, which measures a run. One process is stopped (SIGSTOP) or killed (SIGKILL) under it. How
that run ends makes the row, how the next one does, and how long it takes until all is gone after
SIGTERM of the server, with the same fault in it once more.
"""

import argparse
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from benchmarks import report
from core.measuring import measurement as measurement_module
from core.measuring.comparison import Comparison
from core.measuring.finished import OK, outcome
from core.measuring.forking import Spares
from core.measuring.measurement import Measurement
from core.processes import ROOT, children_of, command_of, kill, stand_still, working_in
from core.services import Services
from core.services.dask import Dask
from core.services.http import HttpServer
from core.services.postgres import OF_A_CLIENT, Postgres
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State

DOCS = Path("docs/hosting.md")
SIGNALS: dict[str, Callable[[int], None]] = {"SIGSTOP": stand_still, "SIGKILL": kill}
SLEEP_S = 2.0
LIMIT_S = {"dask": 25.0}
USUAL_LIMIT_S = 8.0
CASE_LIMIT_S = 240.0
GONE_LIMIT_S = 5.0
"""What the server promises."""
LOOK_EVERY_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A process that a run needs.

    Attributes:
        settings: What a run is like that needs it.
        stopped: How that run may end if the process is stopped, as a regular expression.
        killed: The same if it is killed.
    """

    settings: dict[str, str | int]
    stopped: str
    killed: str


PLAIN: dict[str, str | int] = {"pattern": "gather"}
POOL: dict[str, str | int] = {"pattern": "run_in_executor", "executor": "processes", "workers": 2}
IN_POSTGRES = PLAIN | {"workload": "postgres"}
IN_DASK: dict[str, str | int] = {"pattern": "run_in_executor", "executor": "dask", "workers": 1}
PARTS = {
    "child": Part(settings=PLAIN, stopped=r"ProcessStuck \(measuring .*", killed="ChildLost"),
    "zygote": Part(settings=PLAIN, stopped="ok|ZygoteLost", killed="ZygoteLost"),
    "pool worker": Part(
        settings=POOL, stopped=r"ProcessStuck \(pool worker\)", killed=r"raised \(.*"
    ),
    "web server": Part(
        settings=PLAIN | {"workload": "http"},
        stopped=r"ProcessStuck \(web server\)",
        killed=r"raised \(.*",
    ),
    "postmaster": Part(settings=IN_POSTGRES, stopped="ok", killed=r"raised \(.*"),
    "keeper": Part(settings=IN_POSTGRES, stopped="ok", killed="ok"),
    "backend": Part(
        settings=IN_POSTGRES, stopped=r"ProcessStuck \(PostgreSQL backend\)", killed=r"raised \(.*"
    ),
    "Dask scheduler": Part(
        settings=IN_DASK, stopped=r"ProcessStuck \(Dask scheduler\)", killed=r"raised \(.*"
    ),
    "Dask worker": Part(
        settings=IN_DASK, stopped=r"ProcessStuck \(Dask worker\)", killed=r"ok|raised \(.*"
    ),
}
"""Who has a connection to PostgreSQL needs neither its postmaster nor the keeper for a query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server says of a case: how its runs ended, and the sentence of the first."""

    outcome: str
    sentence: str
    next_outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A case: what the server answered, and what it left after SIGTERM.

    Attributes:
        part: Which process was lost.
        how: The name of the signal.
        answer: What the server said.
        gone_s: How long it took after SIGTERM until nothing of it was alive; None if
            that took longer than promised.
        left: The files that it has left.
    """

    part: str
    how: str
    answer: Answer
    gone_s: float | None
    left: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether the runs ended as they should, and nothing is left."""
        part = PARTS[self.part]
        expected = part.stopped if self.how == "SIGSTOP" else part.killed
        named = re.fullmatch(expected, self.answer.outcome) is not None
        return (
            named and self.answer.next_outcome == OK and self.gone_s is not None and not self.left
        )


class _Case:
    """A server of one case; it lives in a process of its own."""

    def __init__(self, part: str, how: Callable[[int], None]) -> None:
        self._part, self._how = part, how
        self._spares, self._services = Spares(1), Services()
        limit_s = LIMIT_S.get(str(PARTS[part].settings.get("executor")), USUAL_LIMIT_S)
        # The limits of so short runs are for machines that are busy with other things.
        vars(measurement_module)["time_limit_s"] = lambda _spec: limit_s

    def carry_out(self) -> None:
        """Report a run during which the part is lost, and the next; lose it once more."""
        first = self._under_fault()
        first.ended.wait()
        (measurement,) = first.measurements
        again = self._begun(sleep_s=0.05)
        again.ended.wait()
        answer = Answer(
            outcome=outcome(measurement),
            sentence=str(measurement.error or measurement.raised or ""),
            next_outcome=outcome(again.measurements[0]),
        )
        self._under_fault()
        print(json.dumps(asdict(answer)), flush=True)
        threading.Event().wait()

    def close(self) -> None:
        self._services.close()
        self._spares.close()

    def _under_fault(self) -> Comparison:
        comparison = self._begun(sleep_s=SLEEP_S)
        (measurement,) = comparison.measurements
        while not _at_work(measurement) and not comparison.ended.is_set():
            time.sleep(LOOK_EVERY_S)
        self._how(self._pid(measurement))
        return comparison

    def _begun(self, sleep_s: float) -> Comparison:
        settings = PARTS[self._part].settings
        spec = RunSpec(tasks=2, sleep_s=sleep_s, **settings)  # type: ignore[arg-type]
        return Comparison([spec], self._spares, self._services)

    def _pid(self, measurement: Measurement) -> int:
        child = measurement._child
        assert child is not None
        services = self._services._started
        find: dict[str, Callable[[], int | None]] = {
            "child": lambda: child.pid,
            "zygote": lambda: self._spares.zygote,
            "pool worker": lambda: children_of(child.pid)[-1],
            "web server": lambda: cast("HttpServer", services["http"]).pid,
            "postmaster": lambda: cast("Postgres", services["postgres"])._postmaster,
            "keeper": lambda: cast("Postgres", services["postgres"]).pid,
            "backend": lambda: _backend(cast("Postgres", services["postgres"])),
            "Dask scheduler": lambda: cast("Dask", services["dask"]).pid,
            "Dask worker": lambda: _worker(cast("Dask", services["dask"])),
        }
        pid = find[self._part]()
        assert pid is not None
        return pid


def _at_work(measurement: Measurement) -> bool:
    """Return whether a run has jobs that sleep, work, or wait for an answer."""
    timeline = measurement.timeline()
    states = {State.WORKING, State.WAITING, State.RUNNING}
    return timeline is not None and bool(states & {State(each) for each in timeline.spans.state})


def _backend(postgres: Postgres) -> int:
    """Return the process that carries out a query."""
    while True:
        for each in postgres._backends():
            command = command_of(each)
            if OF_A_CLIENT in command and "SELECT" in command:
                return each
        time.sleep(LOOK_EVERY_S)


def _worker(dask: Dask) -> int:
    workers = [each for each in children_of(dask.pid or 0) if "spawn_main" in command_of(each)]
    return workers[-1]


def measured(part: str, how: str) -> Result:
    """Carry out a case in a server of its own, end it with SIGTERM and look what is left."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name, _server(part, how, name) as server:
        assert server.stdout is not None
        if not select.select([server.stdout], [], [], CASE_LIMIT_S)[0]:
            raise TimeoutError(f"{how} of {part}: no answer in {CASE_LIMIT_S:.0f} s")
        answer = Answer(**json.loads(server.stdout.readline()))
        started = _descendants(server.pid) | set(working_in(Path(name).resolve()))
        begun_s = time.monotonic()
        server.terminate()
        gone_s = _gone_after(started | {server.pid}, server, begun_s)
        left = tuple(sorted(each.name for each in Path(name).iterdir()))
        for pid in started:
            kill(pid)
    return Result(part=part, how=how, answer=answer, gone_s=gone_s, left=left)


@contextmanager
def _server(part: str, how: str, folder: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "benchmarks.faults", "--case", part, how]
    environment = {**os.environ, "TMPDIR": folder}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            yield server
        finally:
            server.kill()


def _descendants(pid: int) -> set[int]:
    children = set(children_of(pid))
    return children.union(*map(_descendants, children))


def _gone_after(pids: set[int], server: "subprocess.Popen[str]", begun_s: float) -> float | None:
    while time.monotonic() - begun_s < GONE_LIMIT_S:
        server.poll()
        if not any(_lives(pid) for pid in pids):
            return time.monotonic() - begun_s
        time.sleep(LOOK_EVERY_S)
    return None


def _lives(pid: int) -> bool:
    """Return whether a process is there; one that only init has to reap is not."""
    return Path(f"/proc/{pid}/exe").is_symlink() and bool(command_of(pid))


def main(arguments: Sequence[str] | None = None) -> None:
    """Carry out all cases and print the table; with `--markdown PATH` put it into that page."""
    asked = _parser().parse_args(arguments)
    if asked.case:
        _serve(*asked.case)
        return
    results = [measured(part, how) for part in asked.parts or PARTS for how in SIGNALS]
    table = report.table(HEADINGS, [_row(each) for each in results])
    wrong = sum(not each.is_right for each in results)
    lines = [report.machine(), "", *table, "", f"Cases: {len(results)}, of them wrong: {wrong}."]
    print("\n".join(lines))
    if asked.markdown is not None:
        report.put_between_markers(asked.markdown, "faults", "\n".join(["", *lines, ""]))


HEADINGS = ["process", "signal", "the run under way", "the next run", "all gone after SIGTERM"]


def _row(result: Result) -> list[str]:
    gone = f"not within {GONE_LIMIT_S:g} s" if result.gone_s is None else f"{result.gone_s:.1f} s"
    left = f", but for {', '.join(result.left)}" if result.left else ""
    answer = result.answer
    return [result.part, result.how, answer.outcome, answer.next_outcome, gone + left]


def _serve(part: str, how: str) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    case = _Case(part, SIGNALS[how])
    try:
        case.carry_out()
    finally:
        case.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--parts", nargs="*", choices=[*PARTS], help="which processes; all if none")
    parser.add_argument("--markdown", type=Path, help=f"write the table into a page, say {DOCS}")
    parser.add_argument("--case", nargs=2, metavar=("PART", "SIGNAL"), help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    main()
