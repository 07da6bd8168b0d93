"""What went wrong in a run, on the virtual clock and on timelines made by hand."""

from dataclasses import replace

import numpy as np

from core.analysis.findings import (
    Hold,
    Late,
    cancellations,
    failures,
    holds,
    late_jobs,
    never_begun,
    slow_callback_warnings,
    worked_on,
)
from core.jobs import Spread
from core.recording.events import NOBODY, LaneKind, lane_code
from core.timeline.timeline import State, Timeline
from tests.kit.handmade import MS, timeline
from tests.kit.sleeping import run_sleeping


def failing(pattern: str) -> Timeline:
    return run_sleeping(pattern, 5, 0.2, Spread.FALLING, failing=3, failing_after_s=0.12).timeline


def test_a_line_that_held_the_loop_is_named_once_with_its_longest_time() -> None:
    run = timeline(wall_ms=100, steps_ms=[(0, 9), (10, 30), (40, 55), (60, 90)])
    sites = np.array([0, 1, 1, 2])
    run = replace(run, steps=replace(run.steps, site=sites), sites=("a.py:1", "b.py:2"))
    assert holds(run) == [
        Hold(where="b.py:2", times=1, longest_ns=30 * MS, goes_on=False),
        Hold(where="a.py:1", times=2, longest_ns=20 * MS, goes_on=False),
    ]


def test_a_step_that_nobody_looked_into_has_no_line() -> None:
    run = timeline(wall_ms=100, steps_ms=[(0, 10)])
    assert holds(run) == [Hold(where=None, times=1, longest_ns=10 * MS, goes_on=False)]


def test_a_step_that_has_not_ended_is_a_finding_of_its_own() -> None:
    run = timeline((0, State.RUNNING, 30, 60), wall_ms=60, steps_ms=[(0, 20), (30, 60)])
    assert [hold.goes_on for hold in holds(run)] == [False]
    assert [hold.goes_on for hold in holds(replace(run, finished=False))] == [True, False]


def test_jobs_that_waited_long_for_the_loop_are_counted_once_each() -> None:
    spans = (0, State.READY, 0, 20), (0, State.READY, 30, 45), (1, State.READY, 0, 9)
    assert late_jobs(timeline(*spans, wall_ms=50)) == Late(
        jobs=1, longest_ns=20 * MS, loop_was_free=True, threads_worked=False
    )
    assert late_jobs(timeline(wall_ms=50)) is None


def test_a_failure_has_its_job_its_moment_and_its_error() -> None:
    (failure,) = failures(failing("gather_exceptions"))
    assert (failure.job, failure.at_ns // MS) == (2, 120)
    assert failure.error is not None
    assert failure.error.as_dict() == {"type": "RuntimeError", "message": "job 3 went wrong"}


def test_the_siblings_in_a_group_are_cancelled_by_the_job_that_failed() -> None:
    run = failing("task_group")
    (cancelled,) = cancellations(run)
    assert (cancelled.jobs, cancelled.by) == ((0, 1), 2)
    assert not cancelled.is_after(run)
    assert cancelled.at_ns // MS == cancelled.ended_ns // MS == 120


def test_what_asyncio_run_cancels_is_cancelled_after_the_pattern() -> None:
    run = failing("gather")
    (cancelled,) = cancellations(run)
    assert (cancelled.jobs, cancelled.by) == ((0, 1), NOBODY)
    assert cancelled.is_after(run)


def test_a_pattern_that_gives_up_cancels_by_itself() -> None:
    run = run_sleeping("timeout", 5, 0.2, Spread.FALLING, timeout_s=0.1).timeline
    (cancelled,) = cancellations(run)
    assert (cancelled.jobs, cancelled.by) == ((0, 1, 2), NOBODY)
    assert not cancelled.is_after(run)
    assert cancelled.at_ns // MS == 100


def test_jobs_that_never_held_a_loop_or_a_worker_never_began() -> None:
    spans = (0, State.WAITING, 0, 5), (1, State.RUNNING, 0, 5), (2, State.WORKING, 0, 5)
    assert never_begun(timeline(*spans, wall_ms=5)) == 1


def test_work_is_for_nobody_from_a_millisecond_after_the_return_on() -> None:
    lanes = [lane_code(LaneKind.THREAD, number) for number in (1, 2, 3)]
    spans = (0, State.WORKING, 0, 10), (1, State.WORKING, 0, 11), (2, State.WORKING, 0, 40)
    assert worked_on(timeline(*spans, wall_ms=10, lanes=lanes)) == (2, 30 * MS)


def test_only_asyncios_own_warnings_of_slow_callbacks_count() -> None:
    said = (
        "WARNING:asyncio:Executing <Task finished name='Task-1' result=1> took 0.152 seconds",
        "Executing <Handle f()> took 1.000 seconds",
        "job 1 took 0.2 seconds",
    )
    assert slow_callback_warnings(timeline(wall_ms=1, printed=said)) == 2


def test_who_does_not_heed_a_cancellation_stands_apart_from_who_does() -> None:
    run = run_sleeping("cancel_tasks", 3, 0.3, workload="stubborn", timeout_s=0.1).timeline
    (ignored,) = cancellations(run)
    assert (ignored.jobs, ignored.heeded) == ((0, 1, 2), False)
    assert (ignored.at_ns // MS, ignored.ended_ns // MS) == (100, 300)
    run = run_sleeping("cancel_tasks", 3, 0.3, workload="cleanup", timeout_s=0.1).timeline
    (cleaned,) = cancellations(run)
    assert (cleaned.heeded, cleaned.at_ns // MS, cleaned.ended_ns // MS) == (True, 100, 175)
