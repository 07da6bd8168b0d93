import pytest

from core.charts.palette import marks, waits
from core.timeline.timeline import On, Outcome


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_but_ok_has_a_mark(outcome: Outcome) -> None:
    assert (outcome in marks()) == (outcome is not Outcome.OK)


def test_marks_differ_in_shape_and_look_as_settled() -> None:
    assert marks()[Outcome.FAILED].symbol == "x"
    assert marks()[Outcome.FAILED].colour == "#000000"
    assert marks()[Outcome.CANCELLED].symbol == "line-ns"
    assert marks()[Outcome.CANCELLED].edge_colour == "#CC79A7"
    assert len({mark.symbol for mark in marks().values()}) == len(marks())
    assert {outcome: mark.name for outcome, mark in marks().items()} == {
        outcome: str(outcome) for outcome in marks()
    }


def test_every_wait_is_named_as_in_the_run_file() -> None:
    assert waits() == {on: on.name.lower() for on in On}
