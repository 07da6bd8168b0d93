"""Whether two timelines are equal, column by column."""

from dataclasses import fields

import numpy as np

from core.timeline.timeline import Jobs, Spans, Steps, Timeline

Table = Jobs | Spans | Steps


def assert_same(found: Timeline, expected: Timeline) -> None:
    """Check that two timelines are equal in every value and every column's type."""
    for field in fields(Timeline):
        one, other = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(one, Table):
            _assert_same_columns(one, other)
        else:
            assert one == other, field.name
            assert type(one) is type(other), field.name


def _assert_same_columns(found: Table, expected: Table) -> None:
    for field in fields(found):
        one, other = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == np.int64, field.name
            assert one.tolist() == other.tolist(), field.name
        else:
            assert one == other, field.name
