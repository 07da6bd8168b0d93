"""Random timelines made by hand, for Hypothesis: valid ones, with every kind of value in them."""

import numpy as np
from hypothesis import strategies as st

from core.recording.events import NOBODY, Canceller, LaneKind, lane_code
from core.recording.recorder import JobError, LogLine
from core.timeline.timeline import (
    LOOP,
    NO_CPU_TIME,
    Cause,
    Jobs,
    On,
    Outcome,
    Spans,
    State,
    Steps,
    Timeline,
)
from tests.core.spec.test_run_spec import valid_specs

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ERRORS = st.none() | st.builds(JobError, kind=TEXTS, message=TEXTS)
HELD = (State.RUNNING, State.WORKING)
_loops = st.sampled_from([LOOP, lane_code(LaneKind.LOOP, 2)])


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Return a timeline that keeps the laws: only one job at a time holds a worker."""
    sites = draw(st.lists(TEXTS, max_size=3))
    numbers = sorted(draw(st.sets(st.integers(0, 20), max_size=4)))
    lives = _lives(draw, numbers, len(sites))
    workers = draw(st.sets(st.integers(1, 9), max_size=2))
    return Timeline(
        program=draw(valid_specs),
        python=draw(TEXTS),
        wall_ns=draw(_times),
        jobs=_jobs(draw, numbers, lives),
        spans=_spans([row for life in lives.values() for row in life[1]]),
        steps=_steps(draw, len(sites)),
        sites=tuple(sites),
        results=tuple(draw(st.lists(TEXTS, max_size=3))),
        log=tuple(
            LogLine(at_ns=at_ns, text=draw(TEXTS))
            for at_ns in draw(st.lists(st.integers(-5, 9), max_size=3))
        ),
        error=draw(ERRORS),
        recording_ns=draw(_times),
        startup_ns=draw(_times),
        dropped_events=draw(st.integers(0, 2**40)),
        dropped_lines=draw(st.integers(0, 2**40)),
        dropped_results=draw(st.integers(0, 2**40)),
        memory_before_bytes=draw(st.integers(0, 2**40)),
        memory_peak_bytes=draw(st.integers(0, 2**40)),
        finished=draw(st.booleans()),
        has_gil=draw(st.booleans()),
        cpu_ns=draw(_times),
        served=draw(st.dictionaries(TEXTS, st.integers(0, 9), max_size=2)),
        start_method=draw(st.none() | st.sampled_from(["fork", "spawn"])),
        lane_labels={lane_code(LaneKind.PROCESS, each): draw(TEXTS) for each in workers},
        clock_uncertainty_ns=draw(_times),
        silent_ns=draw(_times),
        disturbed_ns=draw(st.none() | _times),
        recording_failure=draw(st.none() | TEXTS),
    )


_times = st.integers(0, 10**12)
_Life = tuple[int, list[tuple[int, ...]], int]


def _lives(draw: st.DrawFn, numbers: list[int], sites: int) -> dict[int, _Life]:
    """Return for each job when it was created, its spans, and when it ended."""
    lives, free_ns = {}, 0
    for number in numbers:
        created_ns = at_ns = draw(st.integers(free_ns, free_ns + 10))
        spans = []
        for state in draw(st.lists(st.sampled_from(State), max_size=4)):
            end_ns = at_ns + draw(st.integers(1, 1000))
            spans.append((number, state, at_ns, end_ns, *_facts(draw, state, sites)))
            at_ns = end_ns
        lives[number] = (created_ns, spans, at_ns)
        free_ns = at_ns
    return lives


def _facts(draw: st.DrawFn, state: State, sites: int) -> tuple[int, ...]:
    """Return a span's lane, site, what it waits on, CPU time, waker, cause and holder."""
    lane = draw(st.sampled_from([1, 7, 13, 14])) if state is State.WORKING else LOOP
    on = draw(st.sampled_from(On)) if state is State.WAITING else 0
    cpu_ns = draw(st.integers(0, 9)) if state is State.WORKING else NO_CPU_TIME
    cause = draw(st.sampled_from(Cause)) if state is State.RUNNING else 0
    holder = draw(st.integers(NOBODY, 20)) if state is State.WAITING else NOBODY
    waker = draw(st.integers(NOBODY, 20))
    return (lane, draw(st.integers(0, sites)), on, cpu_ns, waker, cause, holder)


def _spans(rows: list[tuple[int, ...]]) -> Spans:
    names = (
        *("job", "state", "start_ns", "end_ns", "lane", "site", "on", "cpu_ns"),
        *("waker", "cause", "holder"),
    )
    columns = np.array(rows, dtype=np.int64).reshape(-1, len(names)).T
    return Spans(**dict(zip(names, columns, strict=True)))


def _jobs(draw: st.DrawFn, numbers: list[int], lives: dict[int, _Life]) -> Jobs:
    causes = [draw(st.integers(NOBODY, 20)) for _ in numbers]
    return Jobs(
        number=np.array(numbers, dtype=np.int64),
        created_ns=np.array([lives[each][0] for each in numbers], dtype=np.int64),
        ended_ns=np.array([lives[each][2] for each in numbers], dtype=np.int64),
        attempts=np.array([draw(st.integers(1, 3)) for _ in numbers], dtype=np.int64),
        cancelled_ns=np.array([draw(st.integers(NOBODY, 9)) for _ in numbers], dtype=np.int64),
        cancelled_by=np.array(causes, dtype=np.int64),
        cancelled_how=np.array([draw(st.sampled_from(Canceller)) for _ in numbers], dtype=np.int64),
        cancelled_again_ns=np.array(
            [draw(st.integers(NOBODY, 9)) for _ in numbers], dtype=np.int64
        ),
        outcome=tuple(draw(st.sampled_from(Outcome)) for _ in numbers),
        error=tuple(draw(ERRORS) for _ in numbers),
        result=tuple(draw(st.none() | TEXTS) for _ in numbers),
    )


def _steps(draw: st.DrawFn, sites: int) -> Steps:
    """Return up to three steps, the first of which began before the run, as that of a loop does."""
    count = draw(st.integers(0, 3))
    times = sorted(draw(st.lists(_times, min_size=2 * count, max_size=2 * count)))
    starts = [-5, *times[2::2]][:count]
    causes = [draw(st.sampled_from(Cause)) for _ in range(count)]
    return Steps(
        start_ns=np.array(starts, dtype=np.int64),
        end_ns=np.array(times[1::2], dtype=np.int64),
        site=np.array([draw(st.integers(0, sites)) for _ in range(count)], dtype=np.int64),
        lane=np.array(sorted(draw(_loops) for _ in range(count)), dtype=np.int64),
        cause=np.array(causes, dtype=np.int64),
        cause_ns=np.array([each and draw(_times) for each in causes], dtype=np.int64),
    )
