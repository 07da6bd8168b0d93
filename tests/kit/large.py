"""Large timelines made from columns, and random ones, for the charts of reduced detail."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from core.charts.panel import Panel
from core.recording.events import LaneKind, lane_code
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State, Timeline
from tests.kit.handmade import MS, timeline
from tests.kit.random_runs import run_of


def large_run(jobs: int, *, at_once: int = 100, pattern: str = "gather") -> Timeline:
    """Return a run of many jobs with five spans each, of which so many are under way at once."""
    number = np.arange(jobs)
    lengths = np.array([20_000, 5_000, 40 * MS, 100_000, 7_000])
    start = number // at_once * int(lengths.sum()) + number % at_once * 1_000
    edges = start[:, None] + np.append(0, lengths.cumsum())[None, :]
    return run_of(edges, RunSpec(pattern=pattern, tasks=min(jobs, 10_000), sleep_s=0.001))


def with_outcomes(run: Timeline, outcome: Outcome, count: int) -> Timeline:
    """Return the same run, of which the first so many jobs ended in another way."""
    others = run.jobs.outcome[count:]
    return replace(run, jobs=replace(run.jobs, outcome=(outcome,) * count + others))


def in_workers(run: Timeline, workers: int) -> Timeline:
    """Return the same run, whose waiting is work of so many threads."""
    spans = run.spans
    waiting = spans.state == State.WAITING
    thread = np.array([lane_code(LaneKind.THREAD, number + 1) for number in range(workers)])
    return replace(
        run,
        spans=replace(
            spans,
            state=np.where(waiting, int(State.WORKING), spans.state),
            lane=np.where(waiting, thread[spans.job % workers], spans.lane),
        ),
    )


def panel_of(run: Timeline, title: str = "a run") -> Panel:
    """Return a panel of a run."""
    return Panel(program=run.program, title=title, timeline=run)


@st.composite
def random_runs(draw: st.DrawFn, states: Sequence[State] = tuple(State)) -> Timeline:
    """Return a run of some jobs with random spans that touch one another."""
    spans = []
    for job in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, 40))
        for length in draw(st.lists(st.integers(0, 60), min_size=1, max_size=6)):
            spans.append((job, draw(st.sampled_from(states)), at, at + length))
            at += length
    return timeline(*spans, wall_ms=max(end for *_, end in spans) + 1)
