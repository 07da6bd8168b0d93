import pytest

from core.charts.palette import blocking_look, connecting_look, looks, marks, waits
from core.timeline.timeline import On, Outcome, State

OF_THE_DESIGN = {
    State.QUEUED: "#D9D9D9",
    State.READY: "#E69F00",
    State.RUNNING: "#0072B2",
    State.WAITING: "#8FD0F5",
    State.WORKING: "#009E73",
}


def luminance(colour: str) -> float:
    """Return a colour's relative luminance. Source: WCAG 2.2, definition "relative luminance"."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("state", State)
def test_every_state_has_the_colour_that_was_settled(state: State) -> None:
    assert looks()[state].colour == OF_THE_DESIGN[state]


def test_blocking_has_a_colour_and_a_name_of_its_own() -> None:
    assert blocking_look().colour == "#D55E00"
    assert blocking_look().name == "blocking"


def test_every_state_is_named_as_in_the_run_file() -> None:
    assert {state: look.name for state, look in looks().items()} == {
        state: state.word for state in State
    }


@pytest.mark.parametrize(
    "look", [*looks().values(), blocking_look(), connecting_look()], ids=lambda look: look.name
)
def test_the_words_in_a_bar_can_be_read_on_its_colour(look) -> None:  # type: ignore[no-untyped-def]
    assert contrast(look.text_colour, look.colour) >= 3


def test_no_two_looks_share_a_colour_or_a_place_in_the_legend() -> None:
    every = [*looks().values(), blocking_look(), connecting_look()]
    assert len({look.colour for look in every}) == len(every)
    assert len({look.rank for look in every}) == len(every)


def test_states_that_use_a_worker_are_higher_than_those_that_wait() -> None:
    height = {state: look.height for state, look in looks().items()}
    holds = min(height[State.RUNNING], height[State.WORKING], blocking_look().height)
    assert holds > height[State.WAITING] > max(height[State.QUEUED], height[State.READY])


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
