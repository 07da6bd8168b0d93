"""Large timelines made from columns, and random ones, for the charts of reduced detail."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from core.charts.panel import Panel
from core.recording.events import NOBODY, LaneKind, lane_code
from core.spec import RunSpec
from core.timeline import LOOP, NO_CPU_TIME, Jobs, On, Outcome, Spans, State, Steps, Timeline
from tests.core.handmade import MS, timeline

SPANS_A_JOB = 5
STATES = (State.READY, State.RUNNING, State.WAITING, State.READY, State.RUNNING)


def large_run(jobs: int, *, at_once: int = 100, pattern: str = "gather") -> Timeline:
    """Return a run of many jobs with five spans each, of which so many are under way at once."""
    spec = RunSpec(pattern=pattern, tasks=min(jobs, 10_000), sleep_s=0.001)
    number = np.arange(jobs)
    lengths = np.array([20_000, 5_000, 40 * MS, 100_000, 7_000])
    start = number // at_once * int(lengths.sum()) + number % at_once * 1_000
    edges = start[:, None] + np.append(0, lengths.cumsum())[None, :]
    count = jobs * SPANS_A_JOB
    zero = np.zeros(count, dtype=np.int64)
    state = np.tile(np.array([int(state) for state in STATES]), jobs)
    spans = Spans(
        job=number.repeat(SPANS_A_JOB),
        state=state,
        start_ns=edges[:, :-1].ravel(),
        end_ns=edges[:, 1:].ravel(),
        lane=zero + LOOP,
        site=zero,
        on=zero + On.TIMER,
        cpu_ns=zero + NO_CPU_TIME,
        waker=zero + NOBODY,
    )
    running = np.flatnonzero(state == State.RUNNING)
    running = running[np.argsort(spans.start_ns[running], kind="stable")]
    own = Jobs(
        number=number,
        created_ns=edges[:, 0],
        ended_ns=edges[:, -1],
        attempts=np.ones(jobs, dtype=np.int64),
        cancelled_ns=np.full(jobs, NOBODY),
        cancelled_by=np.full(jobs, NOBODY),
        outcome=(Outcome.OK,) * jobs,
        error=(None,) * jobs,
        result=(None,) * jobs,
    )
    return replace(
        timeline(wall_ms=1),
        spec=spec,
        wall_ns=int(edges[-1, -1]),
        jobs=own,
        spans=spans,
        steps=Steps(
            start_ns=spans.start_ns[running],
            end_ns=spans.end_ns[running],
            site=np.zeros(len(running), dtype=np.int64),
        ),
    )


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
    return Panel(spec=run.spec, title=title, timeline=run)


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
