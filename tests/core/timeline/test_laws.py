"""The laws as a list: empty for a right timeline, and with the right entry for each fault."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.recording.events import LaneKind, lane_code
from core.timeline.laws import Rule, Table, violations
from core.timeline.timeline import On, State, Timeline
from tests.kit.handmade import MS, timeline

THREAD = lane_code(LaneKind.THREAD, 1)
RIGHT = timeline(
    *((0, State.READY, 0, 1), (0, State.RUNNING, 1, 3), (0, State.WAITING, 3, 9)),
    *((1, State.READY, 0, 3), (1, State.RUNNING, 3, 5), (1, State.WAITING, 5, 9)),
    wall_ms=10,
    steps_ms=[(1, 3), (3, 5)],
)


def changed(part: str, key: str, row: int, value: int) -> Timeline:
    """Return the right timeline with one number changed."""
    columns: Any = getattr(RIGHT, part)
    column = np.array(getattr(columns, key))
    column[row] = value
    return replace(RIGHT, **{part: replace(columns, **{key: column})})


def test_nothing_breaks_a_law_in_a_right_timeline() -> None:
    assert list(violations(RIGHT)) == []
    assert list(violations(timeline(wall_ms=1))) == []


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (("jobs", "number", 1, 0), (1, Rule.LARGER, Table.JOBS)),
        (("spans", "end_ns", 0, 0), (2, Rule.AFTER, Table.SPANS)),
        (("spans", "start_ns", 1, 2 * MS), (2, Rule.TOUCHES, Table.SPANS)),
        (("jobs", "ended_ns", 0, 8 * MS), (2, Rule.TOUCHES, Table.SPANS)),
        (("jobs", "created_ns", 1, 1 * MS), (2, Rule.TOUCHES, Table.SPANS)),
        (("spans", "job", 3, 0), (2, Rule.TOUCHES, Table.SPANS)),
        (("spans", "on", 0, int(On.TIMER)), (0, Rule.NO_WAIT, Table.SPANS)),
        (("spans", "lane", 1, THREAD), (3, Rule.ON_LOOP, Table.SPANS)),
        (("spans", "start_ns", 4, 2 * MS), (3, Rule.FREE, Table.SPANS)),
        (("steps", "end_ns", 0, 0), (4, Rule.AFTER, Table.STEPS)),
        (("steps", "start_ns", 1, 2 * MS), (4, Rule.AFTER, Table.STEPS)),
        (("steps", "end_ns", 0, 2 * MS), (4, Rule.IN_STEP, Table.SPANS)),
        (("spans", "site", 0, 1), (0, Rule.KNOWN, Table.SPAN_SITES)),
        (("steps", "site", 1, 1), (0, Rule.KNOWN, Table.STEPS)),
    ],
)
def test_one_wrong_number_is_found(
    change: tuple[str, str, int, int], broken: tuple[int, Rule, Table]
) -> None:
    found = [(each.law, each.rule, each.table) for each in violations(changed(*change))]
    assert broken in found


def test_a_job_without_spans_has_a_life_of_no_length() -> None:
    kept = RIGHT.spans.job == 0
    spans = replace(
        RIGHT.spans,
        **{name: getattr(RIGHT.spans, name)[kept] for name in RIGHT.spans.__dataclass_fields__},
    )
    (found,) = violations(replace(RIGHT, spans=spans))
    assert (found.rule, found.table, found.row) == (Rule.FILLED, Table.JOBS, 1)


def test_steps_are_asked_for_only_where_they_are_all_there() -> None:
    without = replace(RIGHT, steps=timeline(wall_ms=1).steps)
    assert [each.rule for each in violations(without)] == [Rule.IN_STEP]
    assert list(violations(without, has_steps=False)) == []
