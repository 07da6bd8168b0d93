"""What must hold of a timeline from elsewhere: columns that go together, and the laws.

A file that breaks one is refused with the key and the value instead of shown.
"""

from collections.abc import Sequence

import numpy as np

from core.errors import BadFile
from core.recording.events import lane_name
from core.text.language import _
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
        said = _("it has {given:,} entries; it must have {count:,}")
        raise BadFile(name, said.format(given=len(column), count=count))


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


def _said(found: Violation, places: _Places) -> str:
    other: int | str = found.other
    if found.rule is Rule.LOOP_BY_LOOP:
        other = lane_name(found.other)
    if found.rule is Rule.FREE:
        other = places.of(found.table, found.other_row, "end_ns").rpartition(".")[0]
    return _sentences()[found.rule].format(
        given=found.given, before=found.other, until=found.other, count=found.other, other=other
    )


def _sentences() -> dict[Rule, str]:
    # all but `IN_STEP`, for which no file is refused
    return {
        Rule.LARGER: _(
            "it is {given}; it must be larger than that of the job before, which is {before}"
        ),
        Rule.AFTER: _("it is {given:,}; it must come after {other:,}"),
        Rule.TOUCHES: _("it is {given:,}; it must be {other:,}, without a gap or an overlap"),
        Rule.FILLED: _("it is empty; it must fill the time from created_ns to ended_ns"),
        Rule.NO_WAIT: _("it must be null where the state is not waiting"),
        Rule.ON_LOOP: _("it must be loop where the state is running"),
        Rule.FREE: _("it is {given:,}, when the same worker is at {other} until {until:,}"),
        Rule.LOOP_BY_LOOP: _("it must come before {other}: steps stand loop by loop"),
        Rule.KNOWN: _("it is {given:,}; sites has {count:,} entries"),
    }
