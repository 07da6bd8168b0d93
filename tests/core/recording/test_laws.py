"""The laws of a recording, on random programs."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings

from core.recording.recorder import Recorder
from core.timeline.timeline import State, Steps
from tests.kit.laws import assert_laws, assert_one_end_recorded_each, state_at
from tests.kit.programs import Program, Run, programs
from tests.kit.quiet import quiet
from tests.kit.virtual import Ran, VirtualClock, run_here, run_virtually

EAGER = pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")


@given(programs())
def test_the_laws_hold_for_any_program(program: Program) -> None:
    check(program)


@given(programs(tidy=False))
def test_the_laws_hold_where_a_pattern_leaves_tasks_behind(program: Program) -> None:
    check(program)


@EAGER
@given(programs(eager=True))
def test_the_laws_hold_with_eager_tasks(program: Program) -> None:
    check(program)


@settings(max_examples=20)
@given(programs(debug=True))
def test_the_laws_hold_in_asyncios_debug_mode(program: Program) -> None:
    check(program)


@pytest.mark.real
@settings(max_examples=20)
@given(programs())
def test_the_laws_hold_on_the_real_clock(program: Program) -> None:
    run = Run(program)
    with quiet(run.forget):
        ran = run_here(run.pattern, run.workload, 1)
    assert_recorded_well(ran, run)


def check(program: Program) -> None:
    """Run a program on a virtual clock and hold its timeline against what it saw itself."""
    clock = VirtualClock()
    run = Run(program, clock=clock)
    with quiet(run.forget):
        ran = run_virtually(run.pattern, run.workload, 1, clock=clock)
    assert_recorded_well(ran, run)
    for job, at_ns in run.running:
        if at_ns < ran.returned.returned_ns:
            now_ns = at_ns - ran.returned.started_ns
            assert state_at(ran.timeline, job, now_ns) == State.RUNNING


def assert_recorded_well(ran: Ran, run: Run) -> None:
    """Check the laws, and that the jobs ended as they say themselves."""
    assert_laws(ran.timeline, jobs=len(run.script_of))
    assert_one_end_recorded_each(ran.rows)
    jobs = ran.timeline.jobs
    for job, outcome in zip(jobs.number.tolist(), jobs.outcome, strict=True):
        if job in run.outcomes:
            assert outcome == run.outcomes[job]
        else:
            assert outcome in {"cancelled", "lost"}, "it never began"


@given(programs())
def test_a_cap_on_events_keeps_every_beginning_and_end_and_counts_the_rest(
    program: Program,
) -> None:
    whole, capped = (_ran_with(program, most) for most in (10**6, 3))
    assert_laws(capped.timeline, jobs=len(whole.timeline.jobs))
    assert beginnings_and_ends(capped) == beginnings_and_ends(whole)
    assert_steps_within(capped.timeline.steps, whole.timeline.steps)
    assert capped.timeline.dropped_events == len(whole.rows) - len(capped.rows)


def assert_steps_within(some: Steps, whole: Steps) -> None:
    """Check that no step seems to last longer because what followed it was left out."""
    within = np.searchsorted(whole.start_ns, some.start_ns, "right") - 1
    assert (some.end_ns <= whole.end_ns[within]).all()


def beginnings_and_ends(ran: Ran) -> list[tuple[int, int, str, int | None]]:
    """Return when each job began and how and when it ended; a lost one has no time of its own."""
    jobs = ran.timeline.jobs
    return [
        (number, created, outcome, None if outcome == "lost" else ended)
        for number, created, outcome, ended in zip(
            jobs.number.tolist(),
            jobs.created_ns.tolist(),
            jobs.outcome,
            jobs.ended_ns.tolist(),
            strict=True,
        )
    ]


def _ran_with(program: Program, max_events: int) -> Ran:
    clock = VirtualClock()
    run = Run(program)
    with quiet(run.forget):
        return run_virtually(
            run.pattern,
            run.workload,
            1,
            clock=clock,
            recorder=Recorder(clock=clock, max_events=max_events),
        )
