"""What must hold of a timeline from elsewhere: columns that go together, and the laws.

A file that breaks one is refused with the key and the value instead of shown.
"""

from collections.abc import Sequence

import numpy as np

from core.errors import BadFile
from core.recording.events import lane_name
from core.text.language import LazyText, lazy
from core.timeline.laws import Rule, Table, Violation, violations
from core.timeline.timeline import Integers, Steps, Timeline


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
        said = lazy(
            "it has {given:,} entries; it must have {count:,}", given=len(column), count=count
        )
        raise BadFile(name, said)


def check(timeline: Timeline, prefix: str) -> None:
    """Refuse a timeline that breaks a law, or whose numbers lead nowhere.

    Raises:
        BadFile: With the first key that is wrong.
    """
    places = _Places(timeline, prefix)
    # a file may have no steps, or not all of them: it is not refused for what it leaves out
    for found in violations(timeline, has_steps=False):
        raise BadFile(places.of(found.table, found.row, found.key), _said(found, places))


class _Places:
    """Where jobs, spans and steps stand in the file."""

    def __init__(self, timeline: Timeline, prefix: str) -> None:
        self._prefix = prefix
        self._row = np.searchsorted(timeline.jobs.number, timeline.spans.job)

    def of(self, table: Table, row: int, key: str) -> str:
        if table is Table.SPANS:
            job = int(self._row[row])
            span = row - int(np.searchsorted(self._row, job))
            return f"{self._prefix}jobs[{job}].spans[{span}].{key}"
        if table is Table.JOBS:
            return f"{self._prefix}jobs[{row}].{key}"
        column = f"{table}.{key}" if key else table
        return f"{self._prefix}{column}[{row}]"


def _said(found: Violation, places: _Places) -> LazyText:
    other: int | str = found.other
    if found.rule is Rule.LOOP_BY_LOOP:
        other = lane_name(found.other)
    if found.rule is Rule.FREE:
        other = places.of(found.table, found.other_row, "end_ns").rpartition(".")[0]
    return _SENTENCES[found.rule].with_values(
        given=found.given, before=found.other, until=found.other, count=found.other, other=other
    )


# all but `IN_STEP`, for which no file is refused
_SENTENCES = {
    Rule.LARGER: lazy(
        "it is {given}; it must be larger than that of the job before, which is {before}"
    ),
    Rule.AFTER: lazy("it is {given:,}; it must come after {other:,}"),
    Rule.TOUCHES: lazy("it is {given:,}; it must be {other:,}, without a gap or an overlap"),
    Rule.FILLED: lazy("it is empty; it must fill the time from created_ns to ended_ns"),
    Rule.NO_WAIT: lazy("it must be null where the state is not waiting"),
    Rule.ON_LOOP: lazy("it must be loop where the state is running"),
    Rule.FREE: lazy("it is {given:,}, when the same worker is at {other} until {until:,}"),
    Rule.LOOP_BY_LOOP: lazy("it must come before {other}: steps stand loop by loop"),
    Rule.KNOWN: lazy("it is {given:,}; sites has {count:,} entries"),
}
