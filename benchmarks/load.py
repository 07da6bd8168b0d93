"""A hall full of people: many sessions at once, and whether each gets its own, and when.

Run as `python -m benchmarks.load --sessions 50 --seconds 30`. It starts the app twice, as it is
configured and with a full garbage collection after every rerun, and each session has a tab on
both. They take turns in slices of time, so the ratio holds on a busy machine. Each presses Run
about once a second, and each fifth time moves its number of tasks first; each answer is checked.
Before that ten sessions press Run with five jobs, and the server is asked what processor time it
took.

The tabs live in this process, which shares the processors with the servers and their children.
"""

import argparse
import asyncio
import math
import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

from benchmarks import report
from benchmarks.audience import Audience, Cost, Seen
from benchmarks.server import Server, running_app

MEGABYTE = 1_000_000
SHOWN_FAULTS = 3


def headings() -> list[str]:
    """Return what stands above the columns."""
    return ["", "as configured", "postScriptGC = true"]


def rows(seen: Sequence[Seen]) -> list[list[str]]:
    """Return the rows, a number of each audience in each."""
    columns = [_column(each) for each in seen]
    return [[name, *(column[name] for column in columns)] for name in columns[0]]


def _column(seen: Seen) -> dict[str, str]:
    reruns_ms = [each * 1_000 for each in seen.reruns_s]
    return {
        "sessions": str(seen.sessions),
        "reruns a second": f"{len(seen.reruns_s) / seen.active_s:.1f}",
        "runs a second": f"{seen.runs / seen.active_s:.1f}",
        "a rerun, asked to finished, p50": f"{percentile(reruns_ms, 50):.1f} ms",
        "the same, p99": f"{percentile(reruns_ms, 99):.1f} ms",
        "wait for a run's turn, p50": f"{percentile(seen.waits_ms, 50):.1f} ms",
        "the same, p99  ": f"{percentile(seen.waits_ms, 99):.1f} ms",
        "lateness of a sleep, p50": f"{percentile(seen.late_ms, 50):.2f} ms",
        "the same, p99 ": f"{percentile(seen.late_ms, 99):.2f} ms",
        "answers": f"{len(seen.reruns_s):,}",
        "of them wrong": str(len(seen.faults)),
        "memory of the server": f"{seen.server_bytes / MEGABYTE:.0f} MB",
        "memory of its children": f"{seen.children_bytes / MEGABYTE:.0f} MB",
        "children at most": str(seen.children),
    }


def crowd_told(seen: Seen) -> str:
    """Return what a crowd saw: how many they were, how many answers came, and which were wrong."""
    answers, wrong = len(seen.reruns_s), len(seen.faults)
    return f"{seen.sessions} sessions at once: {answers:,} answers, of them wrong: {wrong}."


def cost_told(cost: Cost) -> str:
    """Return what processor time a run costs the server."""
    reruns = cost.reruns / cost.runs if cost.runs else math.nan
    return (
        f"Processor time of the server, without its children, for a run of {cost.tasks} jobs: "
        f"{cost.run_ms:.1f} ms ({cost.sessions} sessions at once, {cost.runs:,} runs, "
        f"{reruns:.1f} reruns for each)."
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many percent of the others do not exceed; NaN for no values."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def comparison(seen: Sequence[Seen]) -> list[str]:
    """Return what the columns say of one another, and what was wrong, if anything was."""
    ours, theirs = (percentile(each.reruns_s, 50) for each in seen)
    lines = [f"A rerun takes {theirs / ours:.1f} times as long with the collection, at p50."]
    return [*lines, *wrong([fault for each in seen for fault in each.faults])]


def wrong(faults: Sequence[str]) -> list[str]:
    """Return lines that name the first faults."""
    return [f"- wrong: {fault}" for fault in faults[:SHOWN_FAULTS]]


SLICE_S = 5.0
PRESSING, JOBS_A_PRESS = 10, 5
"""How many sessions press Run, and how many jobs they ask for, where processor time is measured."""
DOCS = Path("docs/hosting.md")
WITH_COLLECTION = "--runner.postScriptGC=true"
HOSTED = {"LOOPSCOPE_PROFILE": "hosted", "LOOPSCOPE_LOG": "1"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table; with `--markdown PATH` put it into that page."""
    asked = _parser().parse_args(arguments)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running_app(options, environment=HOSTED))
            for options in ([], [WITH_COLLECTION])
        ]
        lines = asyncio.run(measure(servers, asked))
    print("\n".join(lines))
    if asked.markdown is not None:
        report.put_between_markers(asked.markdown, "load", "\n".join(["", *lines, ""]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0, help="for each of the two servers")
    parser.add_argument("--crowd", type=int, default=100, help="sessions that come after that")
    parser.add_argument("--presses", type=int, default=20, help="of Run, in each of ten sessions")
    parser.add_argument("--markdown", type=Path, help=f"write the table into a page, say {DOCS}")
    return parser


async def measure(servers: Sequence[Server], asked: argparse.Namespace) -> list[str]:
    """Let audiences use the servers in turns, then a crowd; return the report."""
    sessions, seconds = asked.sessions, asked.seconds
    async with Audience.seated(servers[0], PRESSING) as pressing:
        cost = await pressing.press(asked.presses, tasks=JOBS_A_PRESS)
    async with AsyncExitStack() as stack:
        audiences = [
            await stack.enter_async_context(Audience.seated(server, sessions)) for server in servers
        ]
        for _ in range(max(1, round(seconds / SLICE_S))):
            for audience in audiences:
                await audience.play(min(SLICE_S, seconds))
    crowd = await _crowd(servers[0], asked.crowd)
    seen = [audience.seen for audience in audiences]
    return [
        f"{report.machine()}, of which the sessions use a part, too",
        "",
        *report.table(headings(), rows(seen)),
        "",
        *comparison(seen),
        crowd_told(crowd),
        cost_told(cost),
        *wrong([*crowd.faults, *pressing.seen.faults]),
    ]


async def _crowd(server: Server, sessions: int) -> Seen:
    """Let very many sessions use a server for a moment, and return what they saw."""
    async with Audience.seated(server, sessions) as audience:
        await audience.play(SLICE_S)
        return audience.seen


if __name__ == "__main__":
    main()
