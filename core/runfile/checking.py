"""What must hold of a timeline from elsewhere: the laws that every recording keeps.

Charts and numbers rely on them, so a file that breaks one is refused instead of shown.
"""

from collections.abc import Sequence

import numpy as np

from core.errors import BadFile
from core.recording.events import is_loop, lane_name
from core.text.language import _
from core.timeline.timeline import Booleans, Integers, State, Steps, Timeline


def check_counts(spans: int, sites: Integers | None, wakers: Integers | None, prefix: str) -> None:
    """Refuse columns that do not go with the spans.

    Args:
        spans: How many spans the jobs have together.
        sites: The place of each span, where the file has that column.
        wakers: The job that woke each span's job, where the file has that column.
        prefix: What stands before a key in an error, such as `runs[1].`.

    Raises:
        BadFile: With the key.
    """
    check_count(f"{prefix}span_sites", sites, spans)
    check_count(f"{prefix}span_wakers", wakers, spans)


def check_step_counts(steps: Steps, prefix: str) -> None:
    """Refuse columns of steps that do not go with one another.

    Raises:
        BadFile: With the key.
    """
    check_count(f"{prefix}steps.end_ns", steps.end_ns, len(steps))
    check_count(f"{prefix}steps.site", steps.site, len(steps))
    check_count(f"{prefix}steps.lane", steps.lane, len(steps))


def check_count(name: str, column: Sequence[object] | Integers | None, count: int) -> None:
    """Refuse a column that has not so many entries.

    Raises:
        BadFile: With the key.
    """
    if column is not None and len(column) != count:
        said = _("it has {given:,} entries; it must have {count:,}")
        raise BadFile(name, said.format(given=len(column), count=count))


def check(timeline: Timeline, prefix: str) -> None:
    """Refuse a timeline that breaks a law, or whose numbers lead nowhere.

    Raises:
        BadFile: With the first key that is wrong.
    """
    places = _Places(timeline, prefix)
    _check_jobs(timeline, places)
    _check_lives(timeline, places)
    _check_waits(timeline, places)
    _check_workers(timeline, places)
    _check_steps(timeline, prefix)
    _check_sites(timeline, prefix)


class _Places:
    """Where jobs and spans stand in the file."""

    def __init__(self, timeline: Timeline, prefix: str) -> None:
        self._prefix = prefix
        self._row = np.searchsorted(timeline.jobs.number, timeline.spans.job)

    def job(self, row: int, key: str) -> str:
        return f"{self._prefix}jobs[{row}].{key}"

    def span(self, span: int, key: str) -> str:
        row = int(self._row[span])
        first = int(np.searchsorted(self._row, row))
        return self.job(row, f"spans[{span - first}].{key}")


def _check_jobs(timeline: Timeline, places: _Places) -> None:
    number = timeline.jobs.number
    if (row := _first(number[1:] <= number[:-1])) is not None:
        said = _("it is {given}; it must be larger than that of the job before, which is {before}")
        raise BadFile(
            places.job(row + 1, "id"), said.format(given=number[row + 1], before=number[row])
        )


def _check_lives(timeline: Timeline, places: _Places) -> None:
    """Law 2: a job's spans touch without gap or overlap, from its creation to its end."""
    spans, jobs = timeline.spans, timeline.jobs
    if (span := _first(spans.end_ns <= spans.start_ns)) is not None:
        _refuse_time(places.span(span, "end_ns"), spans.end_ns[span], spans.start_ns[span], "after")
    row = np.searchsorted(jobs.number, spans.job)
    is_first = np.diff(row, prepend=-1) != 0
    is_last = np.diff(row, append=len(jobs)) != 0
    before = np.where(is_first, jobs.created_ns[row], np.roll(spans.end_ns, 1))
    if (span := _first(spans.start_ns != before)) is not None:
        _refuse_time(places.span(span, "start_ns"), spans.start_ns[span], before[span], "at")
    if (span := _first(is_last & (spans.end_ns != jobs.ended_ns[row]))) is not None:
        of_job = jobs.ended_ns[row[span]]
        _refuse_time(places.span(span, "end_ns"), spans.end_ns[span], of_job, "at")
    without = ~np.isin(jobs.number, spans.job) & (jobs.created_ns != jobs.ended_ns)
    if (empty := _first(without)) is not None:
        said = _("it is empty; it must fill the time from created_ns to ended_ns")
        raise BadFile(places.job(empty, "spans"), said)


def _refuse_time(place: str, given: int, other: int, how: str) -> None:
    said = (
        _("it is {given:,}; it must come after {other:,}")
        if how == "after"
        else _("it is {given:,}; it must be {other:,}, without a gap or an overlap")
    )
    raise BadFile(place, said.format(given=int(given), other=int(other)))


def _check_waits(timeline: Timeline, places: _Places) -> None:
    spans = timeline.spans
    if (span := _first((spans.state != State.WAITING) & (spans.on != 0))) is not None:
        said = _("it must be null where the state is not waiting")
        raise BadFile(places.span(span, "on"), said)
    if (span := _first((spans.state == State.RUNNING) & ~is_loop(spans.lane))) is not None:
        raise BadFile(places.span(span, "lane"), _("it must be loop where the state is running"))


def _check_workers(timeline: Timeline, places: _Places) -> None:
    """Law 3: nothing runs twice at once on a loop, and nothing works twice at once on a worker."""
    spans = timeline.spans
    held = np.flatnonzero((spans.state == State.RUNNING) | (spans.state == State.WORKING))
    worker = spans.lane[held] * len(State) + spans.state[held]
    order = held[np.lexsort((spans.start_ns[held], worker))]
    same = np.diff(spans.lane[order] * len(State) + spans.state[order]) == 0
    overlap = same & (spans.start_ns[order][1:] < spans.end_ns[order][:-1])
    if (found := _first(overlap)) is not None:
        span, before = int(order[found + 1]), int(order[found])
        said = _("it is {given:,}, when the same worker is at {other} until {until:,}")
        raise BadFile(
            places.span(span, "start_ns"),
            said.format(
                given=int(spans.start_ns[span]),
                other=places.span(before, "end_ns").rpartition(".")[0],
                until=int(spans.end_ns[before]),
            ),
        )


def _check_steps(timeline: Timeline, prefix: str) -> None:
    """Laws 3 and 4: the steps of a loop follow one another, and loop follows loop."""
    steps = timeline.steps
    if (step := _first(steps.lane[1:] < steps.lane[:-1])) is not None:
        said = _("it must come before {other}: steps stand loop by loop")
        raise BadFile(
            f"{prefix}steps.lane[{step + 1}]",
            said.format(other=lane_name(int(steps.lane[step]))),
        )
    if (step := _first(steps.end_ns < steps.start_ns)) is not None:
        place = f"{prefix}steps.end_ns[{step}]"
        _refuse_time(place, steps.end_ns[step], steps.start_ns[step], "after")
    same_loop = steps.lane[1:] == steps.lane[:-1]
    if (step := _first(same_loop & (steps.start_ns[1:] < steps.end_ns[:-1]))) is not None:
        place = f"{prefix}steps.start_ns[{step + 1}]"
        _refuse_time(place, steps.start_ns[step + 1], steps.end_ns[step], "after")


def _check_sites(timeline: Timeline, prefix: str) -> None:
    columns: dict[str, Integers] = {
        "span_sites": timeline.spans.site,
        "steps.site": timeline.steps.site,
    }
    for name, column in columns.items():
        if (place := _first(column > len(timeline.sites))) is not None:
            said = _("it is {given:,}; sites has {count:,} entries")
            raise BadFile(
                f"{prefix}{name}[{place}]",
                said.format(given=int(column[place]), count=len(timeline.sites)),
            )


def _first(mask: Booleans) -> int | None:
    """Return the first place where a mask is true, or None."""
    return int(mask.argmax()) if mask.any() else None
