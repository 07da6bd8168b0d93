"""From rows to a timeline: what was recorded, sorted by job and cut into spans."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.recording.events import (
    COLUMNS,
    DETAIL_BITS,
    DETAIL_MASK,
    FIRST_END,
    NOBODY,
    WIDTH,
    Birth,
    Kind,
    Then,
)
from core.recording.recorder import JobError, LogLine
from core.recording.sites import NO_SITE
from core.spec import RunSpec
from core.timeline import (
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

ColumnPart = Integers | int

_OUTCOMES = {
    Then.OK: Outcome.OK,
    Then.FAILED: Outcome.FAILED,
    Then.CANCELLED: Outcome.CANCELLED,
    Then.LOST: Outcome.LOST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What a run left behind, as it came from the recorder: times are the clock's own."""

    events: bytes
    started_ns: int
    returned_ns: int
    sites: Sequence[str] = ()
    log: Sequence[LogLine] = ()
    results: Sequence[str] = ()
    job_results: dict[int, str] = field(default_factory=dict)
    job_errors: dict[int, JobError] = field(default_factory=dict)
    error: JobError | None = None
    python: str = ""
    cost_per_event_ns: float = 0.0
    startup_ns: int = 0
    has_gil: bool = True
    cpu_ns: int = 0
    served: dict[str, int] = field(default_factory=dict)
    start_method: str | None = None
    lane_labels: dict[int, str] = field(default_factory=dict)
    clock_uncertainty_ns: int = 0
    dropped: int = 0
    finished: bool = True


@dataclass(frozen=True, slots=True)
class _Rows:
    """A selection of rows, with the event layout's columns by name."""

    table: Integers

    def __len__(self) -> int:
        return len(self.table)

    def column(self, name: str) -> Integers:
        return self.table[:, COLUMNS.index(name)]

    def where(self, selection: Booleans | Integers) -> "_Rows":
        return _Rows(self.table[selection])

    def sorted_by_job(self) -> "_Rows":
        return self.where(np.argsort(self.job, kind="stable"))

    @property
    def kind(self) -> Integers:
        return self.column("kind")

    @property
    def job(self) -> Integers:
        return self.column("job")

    @property
    def start_ns(self) -> Integers:
        return self.column("start_ns")

    @property
    def end_ns(self) -> Integers:
        return self.column("end_ns")

    @property
    def then(self) -> Integers:
        return self.column("detail") & DETAIL_MASK

    @property
    def place(self) -> Integers:
        return self.column("detail") >> DETAIL_BITS

    @property
    def is_step(self) -> Booleans:
        begins: Booleans = self.kind == Kind.STEP
        goes_on: Booleans = self.kind == Kind.MORE
        return begins | goes_on

    @property
    def is_end(self) -> Booleans:
        begun: Booleans = self.kind != Kind.CREATED
        return begun & (self.then >= FIRST_END)

    @property
    def is_first_of_job(self) -> Booleans:
        first = np.ones(len(self), dtype=bool)
        first[1:] = self.job[1:] != self.job[:-1]
        return first


def assemble(spec: RunSpec, recording: Recording) -> Timeline:
    """Return the timeline of a recording.

    Raises:
        ValueError: If the events are not whole rows.
    """
    rows = _Rows(np.frombuffer(recording.events, dtype=np.int64).reshape(-1, WIDTH))
    started_ns = recording.started_ns
    created = rows.where(rows.kind == Kind.CREATED).sorted_by_job()
    held = rows.where(rows.kind == Kind.HELD)
    lives = rows.where(
        (rows.job != NOBODY) & (rows.kind != Kind.CREATED) & (rows.kind != Kind.HELD)
    ).sorted_by_job()
    lives = _up_to_first_end(lives)
    lives = _with_an_end_each(lives, created, _last_moment(recording, rows))
    lives = _without_superseded(lives)
    return Timeline(
        spec=spec,
        python=recording.python,
        wall_ns=recording.returned_ns - started_ns,
        jobs=_jobs(created, lives, recording),
        spans=_naming_what_held(_spans(created, lives, started_ns), held, started_ns),
        steps=_steps(rows, held, started_ns),
        sites=tuple(recording.sites),
        results=tuple(recording.results),
        log=_log_since(recording.log, started_ns),
        error=recording.error,
        recording_ns=round(recording.cost_per_event_ns * len(rows)),
        startup_ns=recording.startup_ns,
        has_gil=recording.has_gil,
        cpu_ns=recording.cpu_ns,
        served=recording.served,
        start_method=recording.start_method,
        lane_labels=recording.lane_labels,
        clock_uncertainty_ns=recording.clock_uncertainty_ns,
        dropped_events=recording.dropped,
        finished=recording.finished,
    )


def _last_moment(recording: Recording, rows: _Rows) -> int:
    if not len(rows):
        return recording.returned_ns
    return max(recording.returned_ns, int(rows.start_ns.max()), int(rows.end_ns.max()))


def _log_since(log: Sequence[LogLine], started_ns: int) -> tuple[LogLine, ...]:
    in_order = sorted(log, key=lambda line: line.at_ns)
    return tuple(LogLine(at_ns=line.at_ns - started_ns, text=line.text) for line in in_order)


def _up_to_first_end(rows: _Rows) -> _Rows:
    """Drop what was noticed of a job after its end, such as the loss of a pool that did it."""
    ends = rows.is_end
    ends_before: Integers = np.cumsum(ends) - ends
    first = np.flatnonzero(rows.is_first_of_job)
    rows_per_job = np.diff(np.append(first, len(rows)))
    return rows.where(ends_before == np.repeat(ends_before[first], rows_per_job))


def _with_an_end_each(rows: _Rows, created: _Rows, until_ns: int) -> _Rows:
    """Give each job without an end one: it is lost at the last moment known."""
    open_jobs = np.setdiff1d(created.job, rows.job[rows.is_end])
    lost = np.zeros((len(open_jobs), WIDTH), dtype=np.int64)
    columns: dict[str, ColumnPart] = {
        "kind": Kind.ENDED,
        "job": open_jobs,
        "end_ns": until_ns,
        "detail": Then.LOST,
    }
    for name, value in columns.items():
        lost[:, COLUMNS.index(name)] = value
    return _Rows(np.concatenate([rows.table, lost])).sorted_by_job()


def _without_superseded(rows: _Rows) -> _Rows:
    """Drop takings whose work is known; let the others last until the job's next row."""
    taken = np.flatnonzero(rows.kind == Kind.TAKEN)
    following = rows.where(taken + 1)
    table = rows.table.copy()
    table[taken, COLUMNS.index("end_ns")] = np.where(
        following.kind == Kind.ENDED, following.end_ns, following.start_ns
    )
    superseded = np.zeros(len(rows), dtype=bool)
    superseded[taken[following.kind == Kind.WORKED]] = True
    return _Rows(table[~superseded])


def _jobs(created: _Rows, lives: _Rows, recording: Recording) -> Jobs:
    ends = lives.where(lives.is_end)
    numbers = [int(number) for number in created.job]
    attempted = lives.job[_begins_an_attempt(lives)]
    attempts = np.searchsorted(attempted, created.job, "right") - np.searchsorted(
        attempted, created.job, "left"
    )
    return Jobs(
        number=created.job,
        created_ns=created.start_ns - recording.started_ns,
        ended_ns=ends.end_ns - recording.started_ns,
        attempts=np.maximum(attempts, 1),
        outcome=tuple(_OUTCOMES[Then(int(then))] for then in ends.then),
        error=tuple(recording.job_errors.get(number) for number in numbers),
        result=tuple(recording.job_results.get(number) for number in numbers),
    )


def _begins_an_attempt(rows: _Rows) -> Booleans:
    """Return where a worker took a job, but not where it went on after it waited."""
    first = rows.is_first_of_job
    waited = _shifted(rows.then, Then.NOTHING, first) == Then.CONNECTION
    goes_on = waited & (_shifted(rows.place, NO_SITE, first) == rows.place)
    at_work = (rows.kind == Kind.TAKEN) | (rows.kind == Kind.WORKED)
    begins: Booleans = at_work & ~goes_on
    return begins


def _shifted(values: Integers, at_first: Integers | int, first: Booleans) -> Integers:
    """Return for each row the value of its job's row before, or `at_first` for the first."""
    previous = np.roll(values, 1)
    return np.where(first, at_first, previous)


def _spans(created: _Rows, rows: _Rows, started_ns: int) -> Spans:
    """Cut each row into up to three spans: a wait, a time of being ready, a hold of a worker."""
    birth = created.where(np.searchsorted(created.job, rows.job))
    from_pool = birth.then == Birth.POOL
    called = birth.then == Birth.CALL
    step, ended, first = rows.is_step, rows.kind == Kind.ENDED, rows.is_first_of_job
    site = np.where(step & (rows.place != NO_SITE), rows.place, birth.place)
    then_before = _shifted(rows.then, Then.NOTHING, first)
    site_before = _shifted(site, birth.place, first)

    before = _shifted(rows.end_ns, birth.start_ns, first)
    end = np.maximum(rows.end_ns, before)
    begin = np.where(ended, end, np.clip(rows.start_ns, before, end))
    connecting = then_before == Then.CONNECTION
    ready_at_once = (called | (then_before == Then.YIELDED)) & ~connecting
    ready = np.where(
        step,
        np.clip(rows.column("ready_ns"), before, begin),
        np.where(ready_at_once, before, begin),
    )

    def interleaved(wait: ColumnPart, ready: ColumnPart, hold: ColumnPart) -> Integers:
        parts = (np.broadcast_to(part, len(rows)) for part in (wait, ready, hold))
        return np.stack(list(parts), axis=1).ravel().astype(np.int64)

    start_ns = interleaved(before, ready, begin)
    end_ns = interleaved(ready, begin, end)
    worked = rows.kind == Kind.WORKED
    lasting = end_ns > start_ns
    columns = {
        "job": interleaved(rows.job, rows.job, rows.job),
        "state": interleaved(
            np.where(from_pool & ~connecting, State.QUEUED, State.WAITING),
            State.READY,
            np.where(step, State.RUNNING, State.WORKING),
        ),
        "start_ns": start_ns - started_ns,
        "end_ns": end_ns - started_ns,
        "lane": interleaved(LOOP, LOOP, np.where(step, LOOP, rows.place)),
        "site": interleaved(site_before, site_before, site),
        "on": interleaved(then_before, 0, 0),
        "cpu_ns": interleaved(
            NO_CPU_TIME, NO_CPU_TIME, np.where(worked, rows.column("ready_ns"), NO_CPU_TIME)
        ),
        "waker": interleaved(NOBODY, np.where(step, rows.column("waker"), NOBODY), NOBODY),
    }
    return Spans(**{name: column[lasting] for name, column in columns.items()})


def _naming_what_held(spans: Spans, held: _Rows, started_ns: int) -> Spans:
    """Let spans that held the loop for long name the line at which they were seen to do so."""
    running = np.flatnonzero(spans.state == State.RUNNING)
    running = running[np.argsort(spans.start_ns[running], kind="stable")]
    begin_ns, end_ns = spans.start_ns[running] + started_ns, spans.end_ns[running] + started_ns
    found, sites = _most_seen(held, begin_ns, end_ns)
    site = spans.site.copy()
    site[running[found]] = sites
    return replace(spans, site=site)


def _most_seen(held: _Rows, begin_ns: Integers, end_ns: Integers) -> tuple[Integers, Integers]:
    """Return which of some stretches of time were looked into, and the site seen most in each.

    The stretches do not overlap and come in order.
    """
    stretch = np.searchsorted(begin_ns, held.start_ns, side="right") - 1
    inside = stretch >= 0
    inside[inside] &= held.start_ns[inside] <= end_ns[stretch[inside]]
    seen = np.stack([stretch[inside], held.place[inside]])
    pairs, times = np.unique(seen, axis=1, return_counts=True)
    most_first = pairs[:, np.argsort(-times, kind="stable")]
    found, first = np.unique(most_first[0], return_index=True)
    return found, most_first[1][first]


def _steps(rows: _Rows, held: _Rows, started_ns: int) -> Steps:
    """Join the pieces of each step of the loop; a piece whose step was left out stands alone."""
    pieces = rows.where(rows.is_step & (rows.end_ns > started_ns))
    goes_on = pieces.kind == Kind.MORE
    goes_on[1:] &= pieces.start_ns[1:] == pieces.end_ns[:-1]
    goes_on[:1] = False
    begins = np.flatnonzero(~goes_on)
    ends = np.append(begins[1:], len(pieces))[: len(begins)] - 1
    site = np.zeros(len(begins), dtype=np.int64)
    found, sites = _most_seen(held, pieces.start_ns[begins], pieces.end_ns[ends])
    site[found] = sites
    return Steps(
        start_ns=pieces.start_ns[begins] - started_ns,
        end_ns=pieces.end_ns[ends] - started_ns,
        site=site,
    )
