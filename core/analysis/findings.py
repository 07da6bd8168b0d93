"""What went wrong in a run: who held the loop, who failed, who was cancelled by whom."""

import re
from dataclasses import dataclass

import numpy as np

from core.analysis.metrics import held_ns
from core.recording.events import LANE_KINDS, NOBODY, Canceller, LaneKind
from core.recording.recorder import JobError, LogLine
from core.timeline.timeline import (
    BLOCKING_NS,
    EXCUSES,
    Booleans,
    Cause,
    Integers,
    On,
    Outcome,
    State,
    Timeline,
)

# Shorter waits are those of any job that is handed over, and would be said of each run.
WORTH_SAYING_NS = 1_000_000
THREADS = [LaneKind.MAIN, LaneKind.THREAD]
EXECUTING, SLOW_CALLBACK = "Executing <", re.compile(r"> took [\d.]+ seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A line that held the event loop for long: `where` is None if nobody saw it.

    `where` is the line's code if the run's program shows it, and otherwise its file and number.

    `goes_on` marks a step that had not ended when the run was looked at, or ended early.
    """

    where: str | None
    times: int
    longest_ns: int
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Jobs that were ready for long.

    `loop_was_free` says of the one that waited for `longest_ns` that no step held the loop for
    most of that time, and `threads_worked` whether threads of the process worked on jobs then.
    `set_outside` says that it had waited for a future, which was set while the loop ran no step.
    """

    jobs: int
    longest_ns: int
    loop_was_free: bool
    threads_worked: bool
    set_outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A job that failed."""

    job: int
    at_ns: int
    error: JobError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """Jobs that were cancelled in the same way, and how they took it.

    `how` is who did it, and `by` the job, or `NOBODY` where it was none, or each job itself, or
    several. `itself` marks jobs that cancelled themselves, or whose own time-out or group did.
    `at_ns` is when the first of them was asked to end, `last_at_ns` when the last one was,
    `ended_ns` when the last of them had ended, and `longest_ns` the longest that one of them took
    to end once it was asked. Those that did not heed it went on to an end of their own; `failed`
    marks those whose end was an error.
    `again_ns` is when those of them that were cancelled once more were so for the last time.
    """

    jobs: tuple[int, ...]
    how: Canceller
    by: int
    itself: bool
    heeded: bool
    failed: bool
    at_ns: int
    last_at_ns: int
    ended_ns: int
    longest_ns: int
    again_ns: tuple[int, ...]

    @property
    def is_one_by_one(self) -> bool:
        """Whether one moment does not stand for all: they lie more than a tenth of it apart."""
        apart_ns = self.last_at_ns - self.at_ns
        return apart_ns >= WORTH_SAYING_NS and 10 * apart_ns > self.at_ns

    def is_after(self, timeline: Timeline) -> bool:
        """Whether this happened when the pattern had already returned."""
        return self.at_ns > timeline.wall_ns


def holds(timeline: Timeline) -> list[Hold]:
    """Return the lines that held the loop for `BLOCKING_MS` or more, the longest first.

    Long steps that are not the fault of a line are in `excused`.
    """
    steps, goes_on = timeline.steps_of_run, timeline.goes_on
    lasted_ns = steps.end_ns - steps.start_ns
    is_long = steps.is_blocking
    # A step that goes on is a finding of its own: its length is only a lower bound, and must not
    # stand as the longest of those that ended.
    kinds = np.unique(np.stack([steps.site[is_long], goes_on[is_long]]), axis=1)
    found = []
    for site, going in kinds.T.tolist():
        of_kind = lasted_ns[is_long & (steps.site == site) & (goes_on == going)]
        found.append(
            Hold(
                where=timeline.code_at(site),
                times=len(of_kind),
                longest_ns=int(of_kind.max()),
                goes_on=bool(going),
            )
        )
    return sorted(found, key=lambda hold: -hold.longest_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excused:
    """Steps that were long through no fault of the program: how many, and how much at most."""

    cause: Cause
    times: int
    longest_ns: int
    sum_ns: int


def excused(timeline: Timeline) -> list[Excused]:
    """Return why steps were long of which no line is to blame, a cause each."""
    steps = timeline.steps_of_run
    causes = np.where(steps.is_long, steps.cause, Cause.NOT_KNOWN)
    return [
        Excused(
            cause=cause,
            times=int((causes == cause).sum()),
            longest_ns=int(steps.cause_ns[causes == cause].max()),
            sum_ns=int(steps.cause_ns[causes == cause].sum()),
        )
        for cause in EXCUSES
        if (causes == cause).any()
    ]


def late_jobs(timeline: Timeline) -> Late | None:
    """Return how many jobs were ready for `BLOCKING_MS` or more, and for how long at most."""
    spans = timeline.spans
    late = np.flatnonzero((spans.state == State.READY) & (spans.duration_ns >= BLOCKING_NS))
    if not len(late):
        return None
    latest = late[spans.duration_ns[late].argmax()]
    longest_ns = int(spans.duration_ns[latest])
    start_ns, end_ns = int(spans.start_ns[latest]), int(spans.end_ns[latest])
    held = held_ns(timeline, start_ns, end_ns)
    in_threads = (spans.state == State.WORKING) & np.isin(spans.lane % LANE_KINDS, THREADS)
    overlap = (spans.start_ns < end_ns) & (spans.end_ns > start_ns)
    return Late(
        jobs=len(np.unique(spans.job[late])),
        longest_ns=longest_ns,
        # A loop that is held in many short steps is busy, too, and the wait needs no other reason.
        # Where steps explain less than half of it, look elsewhere: threads and the GIL.
        loop_was_free=held < longest_ns / 2,
        threads_worked=bool((in_threads & overlap).any()),
        set_outside=_set_outside(timeline, int(latest)),
    )


def _set_outside(timeline: Timeline, ready: int) -> bool:
    """Return whether a job, in a span in which it is ready, was woken while no step ran."""
    spans, steps = timeline.spans, timeline.steps
    at_ns = spans.start_ns[ready]
    before = (spans.job == spans.job[ready]) & (spans.end_ns == at_ns)
    waited = before & (spans.state == State.WAITING) & (spans.on == On.FUTURE)
    return bool(waited.any()) and not ((steps.start_ns <= at_ns) & (at_ns <= steps.end_ns)).any()


def connecting(timeline: Timeline) -> tuple[int, int]:
    """Return how many jobs waited a while for a connection, and for how long at most, in ns."""
    spans = timeline.spans
    waits = spans.is_connecting & (spans.duration_ns >= WORTH_SAYING_NS)
    return len(np.unique(spans.job[waits])), int(spans.duration_ns[waits].max(initial=0))


def failures(timeline: Timeline) -> list[Failure]:
    """Return the jobs that failed, in the order in which they did."""
    jobs = timeline.jobs
    found = [
        Failure(job=int(jobs.number[row]), at_ns=int(jobs.ended_ns[row]), error=jobs.error[row])
        for row in _rows(timeline, Outcome.FAILED)
    ]
    return sorted(found, key=lambda failure: failure.at_ns)


def errors_returned(timeline: Timeline) -> int:
    """Return how many of the results of a run of the catalogue are errors with which jobs failed.

    An error among results is known by the name of its kind, with which its text begins.
    """
    if timeline.spec is None or timeline.dropped_results:
        return 0
    kinds = tuple(f"{each.error.kind}(" for each in failures(timeline) if each.error is not None)
    return sum(result.startswith(kinds) for result in timeline.results)


def cancellations(timeline: Timeline) -> list[Cancelled]:
    """Return the jobs that were cancelled, those together that were so in the same way."""
    jobs = timeline.jobs
    outcome = np.array(jobs.outcome)
    heeded, failed = outcome == Outcome.CANCELLED, outcome == Outcome.FAILED
    rows = np.flatnonzero(heeded | (jobs.cancelled_ns != NOBODY))
    if not len(rows):
        return []
    # Nobody need have called `cancel`: a coroutine can raise CancelledError itself. Then the end
    # of the job stands for the moment.
    asked_ns = np.where(jobs.cancelled_ns != NOBODY, jobs.cancelled_ns, jobs.ended_ns)[rows]
    ended_ns, again_ns = jobs.ended_ns[rows], jobs.cancelled_again_ns[rows]
    is_again = again_ns - asked_ns >= WORTH_SAYING_NS
    how, by = jobs.cancelled_how[rows], jobs.cancelled_by[rows]
    itself = by == jobs.number[rows]
    named = np.where(itself | _by_several(timeline, how, by), NOBODY, by)
    # One group for each way of being cancelled: jobs in it differ only in their times.
    reasons, which = np.unique(
        np.column_stack(
            [named, asked_ns > timeline.wall_ns, how, itself, heeded[rows], failed[rows]]
        ),
        axis=0,
        return_inverse=True,
    )
    in_turn = np.argsort(which.ravel(), kind="stable")
    groups = np.split(in_turn, np.cumsum(np.bincount(which.ravel()))[:-1])
    return [
        Cancelled(
            jobs=tuple(jobs.number[rows[chosen]].tolist()),
            how=Canceller(int(reason[2])),
            by=int(reason[0]),
            itself=bool(reason[3]),
            heeded=bool(reason[4]),
            failed=bool(reason[5]),
            at_ns=int(asked_ns[chosen].min()),
            last_at_ns=int(asked_ns[chosen].max()),
            ended_ns=int(ended_ns[chosen].max()),
            longest_ns=int((ended_ns - asked_ns)[chosen].max()),
            again_ns=tuple(again_ns[chosen][is_again[chosen]].tolist()),
        )
        for reason, chosen in zip(reasons, groups, strict=True)
    ]


def _by_several(timeline: Timeline, how: Integers, by: Integers) -> Booleans:
    """Return which cancellations are one of several by jobs that did not fail: none is named."""
    failed = timeline.jobs.number[_rows(timeline, Outcome.FAILED)]
    # A job that failed and took others with it is the cause, and is named even among several.
    others = (by != NOBODY) & ~np.isin(by, failed)
    several: Booleans = np.zeros(len(by), dtype=np.bool_)
    for each in np.unique(how[others]):
        alike = others & (how == each)
        several |= alike & (len(np.unique(by[alike])) > 1)
    return several


def never_begun(timeline: Timeline) -> int:
    """Return how many jobs never ran on the loop nor on a worker."""
    spans = timeline.spans
    held = (spans.state == State.RUNNING) | (spans.state == State.WORKING)
    return len(np.setdiff1d(timeline.jobs.number, spans.job[held]))


def worked_on(timeline: Timeline) -> tuple[int, int]:
    """Return how many jobs worked after the pattern had returned, and for how long at most."""
    spans = timeline.spans
    # Only threads and processes can: tasks that are left are cancelled when the pattern returns.
    beyond_ns = spans.end_ns[spans.state == State.WORKING] - timeline.wall_ns
    beyond_ns = beyond_ns[beyond_ns >= WORTH_SAYING_NS]
    return len(beyond_ns), int(beyond_ns.max(initial=0))


def slow_callback_warnings(timeline: Timeline) -> int:
    """Return how often asyncio's debug mode warned that a callback took long.

    Source: CPython, `_run_once` in `Lib/asyncio/base_events.py`.
    """
    return sum(map(is_slow_callback_warning, timeline.log))


def is_slow_callback_warning(line: LogLine) -> bool:
    """Return whether a printed line is asyncio's warning of a callback that took long."""
    # asyncio writes the handle's repr between the two, which may hold anything, also `took`.
    _before, executing, rest = line.text.partition(EXECUTING)
    return executing != "" and SLOW_CALLBACK.search(rest) is not None


def _rows(timeline: Timeline, outcome: Outcome) -> Integers:
    return np.flatnonzero(np.array(timeline.jobs.outcome) == outcome)
