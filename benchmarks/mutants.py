"""Run files with faults of any kind in them, and what becomes of each: shown, or refused in a line.

`python -m benchmarks.mutants --count 5000` changes the files in `benchmarks/seeds` at random, reads
each and shows what can be read in every way there is. It prints a table, and what went wrong; the
same seed gives the same files.
"""

import argparse
import gzip
import json
import random
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import table
from core.analysis.findings_text import findings_text
from core.analysis.guesses import arrivals, ranked
from core.analysis.side_by_side import differences
from core.analysis.summary import explain
from core.charts import chart
from core.charts.axis import Window, window_of
from core.charts.lanes import LaneView
from core.charts.panel import panels_of
from core.charts.strips import Strip
from core.errors import BadFile
from core.exports import EXPORTS, file_stem
from core.patterns import PATTERNS
from core.runfile import dump, load
from core.shell.report import report
from core.timeline.timeline import Timeline
from core.workloads import WORKLOADS
from pages.components.finished_view import figures_frame, results_frame, spans_frame

SEEDS = Path(__file__).parent / "seeds"
CHANGES = (1, 1, 1, 2, 2, 3)
LONGEST_REFUSAL = 300

WORDS = (
    *("", "x", "ok", "lost", "failed", "running", "working", "waiting", "loop", "loop-2", "main"),
    *("thread-1", "process-1", "dask-3", "executor", "timer", "gather", "threads", "cpu", "http"),
    *("\x1b[2J", "\u202e", "{x}", "{count:>900000000}", "%s %d", "![](http://h/i.png)", "a" * 500),
    *("<img src=x>", "=1+1", "\x00", "\ud800", "équal", "작업", "loopscope/comparison@1"),
)
NUMBERS = (
    *(0, 1, -1, 2, 3, 10, 255, 10**6, 10**9, 2**31 - 1, 2**31, 2**53, 2**62, 2**63, 2**64, 10**30),
    *(0.0, 0.5, -0.5, 1e-9, 1e308, 24 * 3600 * 10**9, 24 * 3600 * 10**9 + 1),
)
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], {"a": 1}, [0], [None], ["x"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong with a mutant: which one it was, at what, and the traceback."""

    number: int
    at: str
    error: str


def mutant(number: int, seed: int = 1) -> bytes:
    """Return the mutant with a number: a run file in which something is wrong, or just unusual."""
    choose = random.Random(f"{seed} {number}")  # noqa: S311 - no secret
    text = choose.choice(_seeds())
    if choose.random() < 0.1:
        return _bytes_changed(text, choose)
    value = json.loads(text)
    if choose.random() < 0.5:
        _forget_columns(value)
    for _ in range(choose.choice(CHANGES)):
        choose.choice((_change, _change_of_run, _change_of_job))(value, choose)
    data = json.dumps(value).encode()
    return gzip.compress(data, 1) if choose.random() < 0.05 else data


def _seeds() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.json"))]


def _bytes_changed(text: str, choose: random.Random) -> bytes:
    data = bytearray(text.encode())
    at = choose.randrange(len(data))
    match choose.randrange(4):
        case 0:
            del data[at:]
        case 1:
            data[at] = choose.randrange(256)
        case 2:
            data[at:at] = data[at : at + 50] * choose.randint(1, 5)
        case _:
            data = bytearray(gzip.compress(bytes(data)))
            data[choose.randrange(len(data))] ^= 1 << choose.randrange(8)
    return bytes(data)


def _forget_columns(value: Any) -> None:
    """Let a file be as older ones are, so that jobs and spans can go and come."""
    for run in value.get("runs", [value]):
        for key in ("span_sites", "span_wakers", "sites", "steps"):
            run.pop(key, None)


def _run_of(value: Any, choose: random.Random) -> dict[str, Any]:
    """Return one of a file's runs; an empty one where an earlier change has left none there."""
    runs = value.get("runs", [value])
    run = choose.choice(runs) if isinstance(runs, list) and runs else {}
    return run if _is_object(run) else {}


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _change_of_run(value: Any, choose: random.Random) -> None:
    """Give a run or its settings a value that another run might have."""
    run = _run_of(value, choose)
    spec = run["spec"] if isinstance(run.get("spec"), dict) else {}
    match choose.randrange(8):
        case 0:
            spec["pattern"] = choose.choice(list(PATTERNS))
        case 1:
            spec["workload"] = choose.choice([*WORKLOADS, None])
        case 2:
            spec["tasks"] = choose.choice([1, 2, 7, 1_000, 100_000])
        case 3:
            spec["sleep_s"] = choose.choice([0, 1e-12, 3.0, 3_600])
        case 4:
            run["wall_ns"] = choose.choice([0, 1, 10**9, 86_400 * 10**9])
        case 5:
            run["finished"] = not run.get("finished")
        case 6:
            run["jobs"] = []
        case _:
            run[choose.choice(list(run) or ["x"])] = _any(choose)


def _change_of_job(value: Any, choose: random.Random) -> None:
    """Give a job another life: none, a longer or a shorter one, another number, other words."""
    jobs = _run_of(value, choose).get("jobs")
    if not isinstance(jobs, list) or not jobs or not isinstance(jobs[-1], dict):
        return
    job = choose.choice([jobs[-1], *(each for each in jobs if isinstance(each, dict))])
    match choose.randrange(7):
        case 0:
            jobs.remove(job)
        case 1:
            job["spans"] = []
            job["ended_ns"] = job.get("created_ns", 0)
        case 2 if isinstance(spans := job.get("spans"), list) and spans and _is_object(spans[-1]):
            job["ended_ns"] = spans[-1]["end_ns"] = 86_400 * 10**9
        case 3:
            job["id"] = choose.choice([job.get("id", 0), 5, 10**6, 2**31])
        case 4:
            job["outcome"] = choose.choice(["ok", "failed", "cancelled", "lost"])
        case 5:
            job["error"] = {"type": choose.choice(WORDS), "message": choose.choice(WORDS)}
        case _:
            job["cancelled_ns"] = choose.choice([0, 5, 10**12])
            job["cancelled_by"] = choose.choice([0, 1, 9, 2**31])


def _change(value: Any, choose: random.Random) -> None:
    """Change something somewhere in a value: another value, one more, one less, one twice."""
    parents = list(_parents(value))
    parent = choose.choice(parents if choose.random() < 0.5 else _few(parents))
    keys = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
    if not keys:
        return
    key = choose.choice(keys)
    match choose.randrange(8):
        case 0:
            del parent[key]
        case 1 if isinstance(parent, list):
            parent.insert(key, json.loads(json.dumps(parent[key])))
        case 2 if isinstance(parent, list):
            choose.shuffle(parent)
        case 3 if isinstance(parent, dict):
            parent[choose.choice(WORDS)] = _any(choose)
        case 4 | 5 if isinstance(parent[key], int) and not isinstance(parent[key], bool):
            parent[key] += choose.choice((-1, 1, -(10**6), 10**6, -parent[key]))
        case 6 if isinstance(parent[key], str):
            parent[key] = choose.choice(WORDS)
        case _:
            parent[key] = _any(choose)


def _few(parents: list[Any]) -> list[Any]:
    """Return the values that stand high up, which are few compared with the spans."""
    return [each for each in parents if not (isinstance(each, dict) and "state" in each)]


def _parents(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _parents(inner)


def _any(choose: random.Random) -> Any:
    kind: Sequence[Any] = choose.choice((WORDS, NUMBERS, OTHERS))
    return json.loads(json.dumps(choose.choice(kind)))


def ways() -> dict[str, Callable[[list[Timeline]], object]]:
    """Return every way in which runs are shown or taken away, by names."""
    exports = {
        name: (lambda runs, each=each: each.make(runs[:1] if each.takes_one else runs))
        for name, each in EXPORTS.items()
    }
    return {
        "written and read": _reread,
        "shell": lambda runs: report(runs, width=80),
        "sentences": lambda runs: [explain(runs), *differences(runs), *map(findings_text, runs)],
        "tables": _tables,
        "charts": _charts,
        "names": file_stem,
        **exports,
    }


def _reread(runs: list[Timeline]) -> None:
    written = dump(runs)
    again = dump(load(written))
    if written != again:
        raise AssertionError("what is read back differs from what was written")


def _tables(runs: list[Timeline]) -> None:
    results_frame(runs)
    figures_frame(runs)
    arrivals(runs)
    ranked(runs)
    for run in runs:
        spans_frame(run, 200)


def _charts(runs: list[Timeline]) -> None:
    panels = panels_of(runs)
    end_ns = max(panel.end_ns for panel in panels)
    for view in LaneView:
        parts = chart.draw(panels, view=view, strips=list(Strip))
        parts.figure().to_json()
        box = {"xref": "x", "yref": "y", "x": [0, 1], "y": [0, 1]}
        for window in (
            window_of(box, parts.axes),
            Window(start_ns=end_ns // 3, end_ns=end_ns // 2 + 2, jobs=(0, 1)),
        ):
            chart.draw(panels, view=view, window=window).figure()


def tried(number: int, seed: int = 1) -> tuple[str, list[Fault]]:
    """Return what became of a mutant, `refused` or `read`, and what went wrong with it."""
    data = mutant(number, seed)
    try:
        runs = load(data)
    except BadFile as error:
        said = str(error)
        is_line = said.isprintable() and 0 < len(said) <= LONGEST_REFUSAL
        return "refused", [] if is_line else [Fault(number=number, at="refusal", error=repr(said))]
    except Exception:  # noqa: BLE001 - it is what is looked for
        return "refused", [Fault(number=number, at="reader", error=traceback.format_exc())]
    faults = []
    for name, show in ways().items():
        try:
            show(runs)
        except Exception:  # noqa: BLE001 - it is what is looked for
            faults.append(Fault(number=number, at=name, error=traceback.format_exc()))
    return "read", faults


def main(arguments: Sequence[str] | None = None) -> int:
    """Try mutants, print what became of them, and return 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=5_000, help="how many mutants")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    parser.add_argument("--seed", type=int, default=1, help="another gives other mutants")
    given = parser.parse_args(arguments)
    became: Counter[str] = Counter()
    faults: list[Fault] = []
    for number in range(given.first, given.first + given.count):
        what, wrong = tried(number, given.seed)
        became[what] += 1
        faults += wrong
    kinds = Counter((fault.at, fault.error.strip().splitlines()[-1][:90]) for fault in faults)
    rows = [(what, f"{count:,}") for what, count in became.items()]
    rows += [(f"{at}: {error}", f"{count:,}") for (at, error), count in kinds.most_common()]
    print("\n".join(table(("mutants", "how many"), rows)))
    for fault in {(each.at, each.error.splitlines()[-1][:60]): each for each in faults}.values():
        print(f"\nmutant {fault.number}, {fault.at}\n{fault.error}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
