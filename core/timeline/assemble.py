"""From rows to a timeline: what was recorded, sorted by job and cut into spans."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.jobs import RunFacts
from core.recording.events import (
    COLUMNS,
    NOBODY,
    WIDTH,
    Birth,
    Canceller,
    Kind,
    Then,
)
from core.recording.recorder import JobError, LogLine
from core.recording.sites import NO_SITE
from core.spec.run_spec import Program
from core.timeline.blame import Clocks
from core.timeline.held import with_holders
from core.timeline.makers import with_makers
from core.timeline.rows import Rows, Unended, ready_since, table_of, unended
from core.timeline.timeline import (
    BLOCKING_NS,
    LOOP,
    NO_CPU_TIME,
    Booleans,
    Integers,
    Jobs,
    Outcome,
    Spans,
    State,
    Steps,
    Timeline,
)

Part = Integers | int


def spans_of(created: Rows, lives: Rows, started_ns: int) -> Spans:
    """Cut each row into up to three spans: a wait, a time of being ready, a hold of a worker.

    Args:
        created: The creations of jobs, one each.
        lives: What happened to them after that, job by job.
        started_ns: When the run began, by the clock of the rows.
    """
    cuts = _cuts(created, lives)
    birth = np.searchsorted(created.job, lives.job)
    queued = (created.then[birth] == Birth.POOL) & ~_waits_at_work(cuts.then_before)
    step = lives.is_step
    born_at = created.place[birth]
    site = np.where(step & (lives.place != NO_SITE), lives.place, born_at)
    site_before = lives.before(site, born_at)
    worked = lives.kind == Kind.WORKED
    waited_on = np.where(step, lives.loop, LOOP)

    def interleaved(*parts: Part) -> Integers:
        column = np.empty((len(lives), len(parts)), dtype=np.int64)
        for place, part in enumerate(parts):
            column[:, place] = part
        return column.ravel()

    start_ns = interleaved(cuts.before_ns, cuts.ready_ns, cuts.begin_ns)
    end_ns = interleaved(cuts.ready_ns, cuts.begin_ns, cuts.end_ns)
    # Most rows have no wait or no time of being ready: spans of no length are left out.
    lasting = end_ns > start_ns

    def column(*parts: Part) -> Integers:
        return interleaved(*parts)[lasting]

    return Spans(
        job=column(lives.job, lives.job, lives.job),
        state=column(
            np.where(queued, State.QUEUED, State.WAITING),
            State.READY,
            np.where(step, State.RUNNING, State.WORKING),
        ),
        start_ns=start_ns[lasting] - started_ns,
        end_ns=end_ns[lasting] - started_ns,
        lane=column(waited_on, waited_on, np.where(step, lives.loop, lives.place)),
        site=column(site_before, site_before, site),
        on=column(cuts.then_before, 0, 0),
        cpu_ns=column(
            NO_CPU_TIME, NO_CPU_TIME, np.where(worked, lives.column("ready_ns"), NO_CPU_TIME)
        ),
        cause=np.zeros(np.count_nonzero(lasting), dtype=np.int64),
        holder=np.full(np.count_nonzero(lasting), NOBODY, dtype=np.int64),
        waker=column(
            NOBODY, np.where(step | lives.could_run, lives.column("waker"), NOBODY), NOBODY
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cuts:
    """The moments between which each row's spans lie, and what the row before ended with."""

    before_ns: Integers
    ready_ns: Integers
    begin_ns: Integers
    end_ns: Integers
    then_before: Integers


def _waits_at_work(then: Integers) -> Booleans:
    """Return where a job goes on waiting on its worker, which goes on with it afterwards."""
    waits: Booleans = (then == Then.CONNECTION) | (then == Then.JOB)
    return waits


def _cuts(created: Rows, lives: Rows) -> _Cuts:
    birth = np.searchsorted(created.job, lives.job)
    then_before = lives.before(lives.then, Then.NOTHING)
    before = lives.before(lives.end_ns, created.start_ns[birth])
    # Clocks of workers on other hosts may be off, and a timer may be due before its job has ended
    # its last step: clipped to the row before, spans touch whatever the clocks say.
    end = np.maximum(lives.end_ns, before)
    begin = np.where(lives.kind == Kind.ENDED, end, np.clip(lives.start_ns, before, end))
    called = (created.then[birth] == Birth.CALL) & ~_waits_at_work(then_before)
    # `asyncio.sleep(0)` is a bare yield: the job is at the end of the ready queue at once.
    ready_at_once = called | (then_before == Then.YIELDED)
    ready = np.where(
        lives.is_step | lives.could_run,
        np.clip(lives.column("ready_ns"), before, begin),
        np.where(ready_at_once, before, begin),
    )
    return _Cuts(
        before_ns=before, ready_ns=ready, begin_ns=begin, end_ns=end, then_before=then_before
    )


_OUTCOMES = np.full(max(Then) + 1, None, dtype=object)
_OUTCOMES[[Then.OK, Then.FAILED, Then.CANCELLED, Then.LOST]] = [
    Outcome.OK,
    Outcome.FAILED,
    Outcome.CANCELLED,
    Outcome.LOST,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording(RunFacts):
    """What a run left behind, as it came from the recorder: times are the clock's own.

    Of a run that goes on or was ended early, `under_way` is the last snapshot of what had not
    ended, taken at `heard_ns`.
    """

    events: bytes | bytearray
    started_ns: int
    returned_ns: int
    sites: Sequence[str] = ()
    log: Sequence[LogLine] = ()
    results: Sequence[str] = ()
    job_results: dict[int, str] = field(default_factory=dict)
    job_names: dict[int, str] = field(default_factory=dict)
    job_coroutines: dict[int, str] = field(default_factory=dict)
    job_errors: dict[int, JobError] = field(default_factory=dict)
    error: JobError | None = None
    cost_per_event_ns: float = 0.0
    finished: bool = True
    heard_ns: int = 0
    under_way: bytes = b""


def assemble(program: Program, recording: Recording) -> Timeline:
    """Return the timeline of a recording.

    Raises:
        ValueError: If the events are not whole rows.
    """
    recorded = table_of(recording.events)
    started_ns = recording.started_ns
    at_end = unended(
        recorded,
        b"" if recording.finished else recording.under_way,
        heard_ns=recording.heard_ns,
        now_ns=recording.returned_ns,
    )
    rows = recorded.and_then(at_end.steps)
    created = rows.of_kind(Kind.CREATED)
    held = rows.where(rows.kind == Kind.HELD).and_then(at_end.held)
    turns = rows.where(rows.kind == Kind.TURN).and_then(at_end.turns)
    collected = rows.where(rows.kind == Kind.COLLECTED)
    clocks = Clocks(turns, collected, held, has_gil=recording.has_gil)
    # In this order: only a job without any end is given one, and a taking lasts until it.
    lives = _up_to_first_end(rows.lives)
    lives = _with_an_end_each(lives, created, at_end)
    lives = _without_superseded(lives)
    spans, deadlocks = with_holders(
        _naming_what_held(spans_of(created, lives, started_ns), held, clocks, started_ns),
        rows.where(rows.kind == Kind.HOLDER),
        started_ns,
    )
    jobs = _jobs(created, lives, rows.of_kind(Kind.CANCELLED, Kind.UNCANCELLED), recording)
    return Timeline(
        **recording.facts,
        program=program,
        wall_ns=recording.returned_ns - started_ns,
        jobs=with_makers(jobs, program, created, rows),
        spans=spans,
        steps=_steps(rows, held, clocks, started_ns),
        sites=tuple(recording.sites),
        results=tuple(recording.results),
        log=_log_since(recording.log, started_ns),
        error=recording.error,
        recording_ns=round(recording.cost_per_event_ns * len(recorded)),
        finished=recording.finished,
        silent_ns=max(0, recording.returned_ns - at_end.until_ns),
        deadlocks=deadlocks,
    )


def _log_since(log: Sequence[LogLine], started_ns: int) -> tuple[LogLine, ...]:
    # Lines come from several threads and processes, and arrive in another order.
    in_order = sorted(log, key=lambda line: line.at_ns)
    return tuple(LogLine(at_ns=line.at_ns - started_ns, text=line.text) for line in in_order)


def _up_to_first_end(rows: Rows) -> Rows:
    """Drop what was noticed of a job after its end, such as the loss of a pool that did it."""
    ends = rows.is_end
    # How many ends come before each row, counted over all jobs; less those before its job's first.
    ends_before: Integers = np.cumsum(ends) - ends
    first = np.flatnonzero(rows.is_first_of_job)
    rows_per_job = np.diff(np.append(first, len(rows)))
    before_end = ends_before == np.repeat(ends_before[first], rows_per_job)
    return rows if before_end.all() else rows.where(before_end)


def _with_an_end_each(rows: Rows, created: Rows, at_end: Unended) -> Rows:
    """Give each job without an end one: it is lost at the last moment known. Rows come by job.

    One that could run then has been ready since it could.
    """
    open_jobs = np.setdiff1d(created.job, rows.job[rows.is_end])
    if not len(open_jobs):
        return rows
    lost = np.zeros((len(open_jobs), WIDTH), dtype=np.int64)
    ready_ns, waker = ready_since(open_jobs, at_end.ready)
    columns: dict[str, Part] = {
        "kind": Kind.ENDED,
        "job": open_jobs,
        "ready_ns": ready_ns,
        "end_ns": at_end.until_ns,
        "detail": Then.LOST,
        "waker": waker,
    }
    for name, value in columns.items():
        lost[:, COLUMNS.index(name)] = value
    return Rows(np.concatenate([rows.table, lost])).sorted_by_job()


def _without_superseded(rows: Rows) -> Rows:
    """Drop takings whose work is known; let the others last until the job's next row."""
    taken = np.flatnonzero(rows.kind == Kind.TAKEN)
    if not len(taken):
        return rows
    # There is always a next row of the same job: at least the end that was given to it.
    following = rows.where(taken + 1)
    table = rows.table.copy()
    table[taken, COLUMNS.index("end_ns")] = np.where(
        following.kind == Kind.ENDED, following.end_ns, following.start_ns
    )
    superseded = np.zeros(len(rows), dtype=bool)
    superseded[taken[following.kind == Kind.WORKED]] = True
    return Rows(table[~superseded])


def _jobs(created: Rows, lives: Rows, cancelled: Rows, recording: Recording) -> Jobs:
    ends = lives.where(lives.is_end)
    numbers = created.job.tolist()
    attempted = lives.job[_begins_an_attempt(lives)]
    attempts = np.searchsorted(attempted, created.job, "right") - np.searchsorted(
        attempted, created.job, "left"
    )
    open_ones = _not_taken_back(cancelled.where(np.isin(cancelled.job, created.job)))
    asked = open_ones.where(open_ones.is_first_of_job)
    row = np.searchsorted(created.job, asked.job)
    cancelled_ns, cancelled_by, again_ns = np.full((3, len(created)), NOBODY, dtype=np.int64)
    cancelled_how = np.full(len(created), Canceller.UNKNOWN, dtype=np.int64)
    cancelled_ns[row] = asked.start_ns - recording.started_ns
    cancelled_by[row] = asked.column("waker")
    cancelled_how[row] = asked.then
    again = open_ones.where(~open_ones.is_first_of_job)
    # Rows come by job and in the order of time, so that of each job the last one stays.
    again_ns[np.searchsorted(created.job, again.job)] = again.start_ns - recording.started_ns
    return Jobs(
        number=created.job,
        created_ns=created.start_ns - recording.started_ns,
        ended_ns=ends.end_ns - recording.started_ns,
        attempts=np.maximum(attempts, 1),
        cancelled_ns=cancelled_ns,
        cancelled_by=cancelled_by,
        cancelled_how=cancelled_how,
        cancelled_again_ns=again_ns,
        outcome=tuple(_OUTCOMES[ends.then].tolist()),
        error=tuple(map(recording.job_errors.get, numbers)),
        result=tuple(map(recording.job_results.get, numbers)),
        name=_texts(recording.job_names, numbers),
        coroutine=_texts(recording.job_coroutines, numbers),
    )


def _texts(of_jobs: dict[int, str], numbers: Sequence[int]) -> tuple[str, ...]:
    return tuple(of_jobs.get(number, "") for number in numbers) if of_jobs else ()


def _not_taken_back(rows: Rows) -> Rows:
    """Return of each job the cancellations after those that it took back.

    A job takes back a cancellation by its own time-out or task group. Rows come by job.
    """
    if not len(rows):
        return rows
    place = np.arange(len(rows))
    # A row of UNCANCELLED takes back all before it: `asyncio.timeout` and `TaskGroup` call
    # `uncancel` (3.11) once what they had cancelled has ended.
    taken_back = rows.kind == Kind.UNCANCELLED
    last_taken_back = np.maximum.accumulate(np.where(taken_back, place, -1))
    last_of_job = np.append(np.flatnonzero(rows.is_first_of_job)[1:], len(rows)) - 1
    last_in_job = np.repeat(last_taken_back[last_of_job], np.diff(np.append(-1, last_of_job)))
    return rows.where((place > last_in_job) & ~taken_back)


def _begins_an_attempt(rows: Rows) -> Booleans:
    """Return where a worker took a job, but not where it went on after it waited."""
    waited = _waits_at_work(rows.before(rows.then, Then.NOTHING))
    goes_on = waited & (rows.before(rows.place, NO_SITE) == rows.place)
    at_work = (rows.kind == Kind.TAKEN) | (rows.kind == Kind.WORKED)
    begins: Booleans = at_work & ~goes_on
    return begins


def _naming_what_held(spans: Spans, held: Rows, clocks: Clocks, started_ns: int) -> Spans:
    """Let spans that held the loop for long name the line at which they did, and the cause."""
    site, cause = spans.site.copy(), spans.cause.copy()
    running = np.flatnonzero(spans.state == State.RUNNING)
    for lane in np.unique(spans.lane[running]).tolist():
        of_loop = running[spans.lane[running] == lane]
        of_loop = of_loop[np.argsort(spans.start_ns[of_loop], kind="stable")]
        begin_ns, end_ns = spans.start_ns[of_loop] + started_ns, spans.end_ns[of_loop] + started_ns
        found, sites = _most_seen(held.where(held.loop == lane), begin_ns, end_ns)
        site[of_loop[found]] = sites
        for place in np.flatnonzero(end_ns - begin_ns >= BLOCKING_NS).tolist():
            blame = clocks.blame(lane, int(begin_ns[place]), int(end_ns[place]))
            cause[of_loop[place]] = blame.cause
    return replace(spans, site=site, cause=cause)


def _most_seen(held: Rows, begin_ns: Integers, end_ns: Integers) -> tuple[Integers, Integers]:
    """Return which of some stretches of time were looked into, and the site seen most in each.

    The stretches do not overlap and come in order.
    """
    if not len(held):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    stretch = np.searchsorted(begin_ns, held.start_ns, side="right") - 1
    inside = stretch >= 0
    inside[inside] &= held.start_ns[inside] <= end_ns[stretch[inside]]
    seen = np.stack([stretch[inside], held.place[inside]])
    pairs, times = np.unique(seen, axis=1, return_counts=True)
    most_first = pairs[:, np.argsort(-times, kind="stable")]
    found, first = np.unique(most_first[0], return_index=True)
    return found, most_first[1][first]


def _steps(rows: Rows, held: Rows, clocks: Clocks, started_ns: int) -> Steps:
    """Join the pieces of each step, loop by loop; a piece whose step was left out stands alone."""
    # What ended before the start belongs to opening the pool and to what coroutines share.
    pieces = rows.where(rows.is_step & (rows.end_ns > started_ns))
    pieces = pieces.where(np.argsort(pieces.loop, kind="stable"))
    # One call of a handle may run several jobs in turn, as eager tasks do (3.12): a piece each.
    goes_on = pieces.kind == Kind.MORE
    goes_on[1:] &= pieces.start_ns[1:] == pieces.end_ns[:-1]
    goes_on[1:] &= pieces.loop[1:] == pieces.loop[:-1]
    goes_on[:1] = False
    begins = np.flatnonzero(~goes_on)
    ends = np.append(begins[1:], len(pieces))[: len(begins)] - 1
    start_ns, end_ns, lane = pieces.start_ns[begins], pieces.end_ns[ends], pieces.loop[begins]
    site, cause, cause_ns = np.zeros((3, len(begins)), dtype=np.int64)
    for each in np.unique(lane).tolist():
        of_loop = np.flatnonzero(lane == each)
        seen = held.where(held.loop == each)
        found, sites = _most_seen(seen, start_ns[of_loop], end_ns[of_loop])
        site[of_loop[found]] = sites
    for place in np.flatnonzero(end_ns - start_ns >= BLOCKING_NS).tolist():
        blame = clocks.blame(int(lane[place]), int(start_ns[place]), int(end_ns[place]))
        cause[place], cause_ns[place] = blame
    return Steps(
        start_ns=start_ns - started_ns,
        end_ns=end_ns - started_ns,
        site=site,
        lane=lane,
        cause=cause,
        cause_ns=cause_ns,
    )
