"""Timelines of any size, made of random numbers: for charts, where measuring would take hours."""

from dataclasses import replace

import numpy as np

from core.recording.events import NOBODY
from core.recording.recorder import JobError
from core.spec.run_spec import RunSpec
from core.text.language import NS_PER_MS
from core.timeline.timeline import (
    BLOCKING_NS,
    LOOP,
    NO_CPU_TIME,
    Integers,
    Jobs,
    On,
    Outcome,
    Spans,
    State,
    Steps,
    Timeline,
)

STATES = (State.READY, State.RUNNING, State.WAITING, State.READY, State.RUNNING)
MEAN_NS = (300_000, 8_000, 40 * NS_PER_MS, 200_000, 12_000)
APART_NS = 400_000
FAILING, BLOCKING = 100, 400
"""One job in this number."""


def random_run(spans: int, *, seed: int = 1) -> Timeline:
    """Return a run of jobs with five spans each, some hundred of them under way at once."""
    jobs = max(1, spans // len(STATES))
    rng = np.random.default_rng(seed)
    lengths = rng.exponential(MEAN_NS, (jobs, len(STATES))).astype(np.int64) + 1
    lengths[::BLOCKING, 1] = BLOCKING_NS
    created_ns = rng.exponential(APART_NS, jobs).astype(np.int64).cumsum()
    edges = created_ns[:, None] + np.append(np.zeros((jobs, 1), np.int64), lengths.cumsum(1), 1)
    run = run_of(edges, RunSpec(pattern="gather", tasks=min(jobs, 10_000), sleep_s=0.04))
    failing = [number % FAILING == 0 for number in range(jobs)]
    error = JobError(kind="ValueError", message="no luck")
    ends = replace(
        run.jobs,
        outcome=tuple(Outcome.FAILED if fails else Outcome.OK for fails in failing),
        error=tuple(error if fails else None for fails in failing),
    )
    return replace(run, jobs=ends)


def run_of(edges: Integers, spec: RunSpec) -> Timeline:
    """Return a run whose jobs all end well, from where their spans begin and end.

    `edges` has a row a job: where its first span begins, and where each of its spans ends, in the
    order of `STATES`.
    """
    columns = _spans(edges)
    return Timeline(
        program=spec,
        python="3.11",
        wall_ns=int(edges.max()),
        jobs=_jobs(edges),
        spans=columns,
        steps=_steps(columns),
        sites=(),
        results=(),
        log=(),
        error=None,
        recording_ns=0,
        startup_ns=0,
        dropped_events=0,
        finished=True,
    )


def _spans(edges: Integers) -> Spans:
    jobs, count = len(edges), len(edges) * len(STATES)
    zero = np.zeros(count, dtype=np.int64)
    return Spans(
        job=np.arange(jobs).repeat(len(STATES)),
        state=np.tile(np.array(STATES, dtype=np.int64), jobs),
        start_ns=edges[:, :-1].ravel(),
        end_ns=edges[:, 1:].ravel(),
        lane=zero + LOOP,
        site=zero,
        on=zero + On.TIMER,
        cpu_ns=zero + NO_CPU_TIME,
        waker=zero + NOBODY,
        cause=zero,
        holder=zero + NOBODY,
    )


def _jobs(edges: Integers) -> Jobs:
    jobs = len(edges)
    return Jobs(
        number=np.arange(jobs),
        created_ns=edges[:, 0],
        ended_ns=edges[:, -1],
        attempts=np.ones(jobs, dtype=np.int64),
        cancelled_ns=np.full(jobs, NOBODY),
        cancelled_by=np.full(jobs, NOBODY),
        cancelled_how=np.zeros(jobs, dtype=np.int64),
        cancelled_again_ns=np.full(jobs, NOBODY),
        outcome=(Outcome.OK,) * jobs,
        error=(None,) * jobs,
        result=(None,) * jobs,
    )


def _steps(spans: Spans) -> Steps:
    running = np.flatnonzero(spans.state == State.RUNNING)
    running = running[np.argsort(spans.start_ns[running], kind="stable")]
    return Steps(
        start_ns=spans.start_ns[running],
        end_ns=spans.end_ns[running],
        site=np.zeros(len(running), dtype=np.int64),
        lane=np.zeros(len(running), dtype=np.int64),
        cause=np.zeros(len(running), dtype=np.int64),
        cause_ns=np.zeros(len(running), dtype=np.int64),
    )
