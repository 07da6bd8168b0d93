from colorsys import rgb_to_hsv
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from core.analysis.span_classes import (
    BLOCKING,
    COLOURS,
    CONNECTING,
    COUNT,
    DARK_COLOURS,
    SpanClass,
    class_of,
    end_marks,
    from_bottom,
    in_order_of_life,
    span_classes,
    waits,
)
from core.timeline.timeline import EXCUSES, Cause, On, Outcome, State
from tests.kit.handmade import timeline

OF_THE_DESIGN = {
    State.QUEUED: "#D9D9D9",
    State.READY: "#E69F00",
    State.RUNNING: "#0072B2",
    State.WAITING: "#8FD0F5",
    State.WORKING: "#009E73",
    CONNECTING: "#F0E442",
    BLOCKING: "#D55E00",
}


DARK_PAPER = "#0E1117"
"""Streamlit's ground of a dark page."""


def luminance(colour: str) -> float:
    """Return a colour's relative luminance. Source: WCAG 2.2, definition "relative luminance"."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_every_class_has_the_colour_that_was_settled() -> None:
    assert {number: each.colour for number, each in span_classes().items()} == OF_THE_DESIGN


def test_every_state_is_named_as_in_the_run_file_and_blocking_has_a_name_of_its_own() -> None:
    names = [each.name for each in span_classes().values()]
    assert names == [*(state.word for state in State), "waiting for a connection", "blocking"]


@pytest.mark.parametrize("each", span_classes().values(), ids=lambda each: each.name)
def test_the_words_in_a_bar_can_be_read_on_its_colour(each: SpanClass) -> None:
    assert contrast(each.text_colour, each.colour) >= 3


@pytest.mark.parametrize("each", span_classes().values(), ids=lambda each: each.name)
def test_what_a_class_means_is_said_after_its_name(each: SpanClass) -> None:
    assert each.meaning.startswith(f"{each.name}: ")


def test_texts_name_every_class_once() -> None:
    assert sorted(each.rank for each in in_order_of_life()) == sorted(
        each.rank for each in span_classes().values()
    )


def test_all_classes_but_the_queued_are_stacked_and_what_holds_a_loop_lies_lowest() -> None:
    assert sorted([*from_bottom(), State.QUEUED]) == list(range(COUNT))
    assert from_bottom()[:3] == [BLOCKING, State.RUNNING, State.WORKING]


def test_texts_name_the_classes_as_a_job_lives_through_them() -> None:
    assert [each.name for each in in_order_of_life()] == [
        "queued",
        "ready",
        "running",
        "blocking",
        "waiting",
        "working",
        "waiting for a connection",
    ]


def test_no_two_classes_share_a_colour_a_sign_or_a_place_in_the_legend() -> None:
    every = span_classes().values()
    assert len({each.colour for each in every}) == len(every)
    assert len({each.rank for each in every}) == len(every)
    signs = [each.sign for each in every if each.sign]
    assert len(set(signs)) == len(signs) == len(every) - 1


def test_states_that_use_a_worker_are_higher_than_those_that_wait() -> None:
    height = {number: each.height for number, each in span_classes().items()}
    holds = min(height[State.RUNNING], height[State.WORKING], height[BLOCKING])
    assert holds > height[State.WAITING] > max(height[State.QUEUED], height[State.READY])


def test_every_state_is_a_class_and_blocking_and_connecting_are_classes_of_their_own() -> None:
    spans = [(job, state, 0, 1) for job, state in enumerate(State)]
    run = timeline(*spans, (5, State.RUNNING, 1, 11), (6, State.WAITING, 0, 50), wall_ms=50).spans
    on = run.on.copy()
    on[[State.RUNNING, 6]] = On.CONNECTION
    assert class_of(replace(run, on=on)).tolist() == [*State, BLOCKING, CONNECTING]
    assert list(span_classes()) == list(range(COUNT))


@pytest.mark.parametrize("cause", Cause)
def test_a_long_span_is_blocking_only_by_the_job_s_own_doing(cause: Cause) -> None:
    spans = timeline((0, State.RUNNING, 0, 20), wall_ms=20).spans
    caused = replace(spans, cause=np.array([cause]))
    assert class_of(caused).tolist() == [State.RUNNING if cause in EXCUSES else BLOCKING]


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_but_ok_has_a_mark(outcome: Outcome) -> None:
    assert (outcome in end_marks()) == (outcome is not Outcome.OK)


def test_marks_differ_in_shape_and_look_as_settled() -> None:
    assert end_marks()[Outcome.FAILED].symbol == "x"
    assert end_marks()[Outcome.FAILED].colour == "#000000"
    assert end_marks()[Outcome.CANCELLED].symbol == "octagon"
    assert end_marks()[Outcome.CANCELLED].colour == "#CC79A7"
    assert len({mark.symbol for mark in end_marks().values()}) == len(end_marks())
    assert {outcome: mark.name for outcome, mark in end_marks().items()} == {
        outcome: str(outcome) for outcome in end_marks()
    }


def test_every_wait_is_named_as_in_the_run_file() -> None:
    assert waits() == {on: on.name.lower() for on in On}


def test_on_a_dark_page_what_holds_a_loop_or_a_worker_is_bright_and_what_waits_is_dim() -> None:
    by_light = sorted(DARK_COLOURS, key=lambda number: luminance(DARK_COLOURS[number]))
    assert by_light == [
        State.QUEUED,
        State.WAITING,
        CONNECTING,
        State.READY,
        BLOCKING,
        State.WORKING,
        State.RUNNING,
    ]


def test_on_a_dark_page_all_classes_differ_in_grey_from_the_page_and_from_one_another() -> None:
    steps = [DARK_PAPER, *sorted(DARK_COLOURS.values(), key=luminance)]
    assert contrast(*steps[:2]) >= 2
    assert all(contrast(dim, bright) >= 1.25 for dim, bright in pairwise(steps))


@pytest.mark.parametrize("number", DARK_COLOURS)
def test_on_a_dark_page_the_words_in_a_bar_can_be_read_and_its_hue_stays(number: int) -> None:
    look = span_classes()[number]
    assert contrast(look.dark_text_colour, look.dark_colour) >= 3
    hues = [rgb_to_hsv(*bytes.fromhex(each[1:]))[:2] for each in (look.colour, look.dark_colour)]
    assert abs(hues[0][0] - hues[1][0]) < 0.02
    assert (hues[0][1] == 0) == (hues[1][1] == 0)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.CANCELLED])
def test_a_sign_stands_out_from_what_is_below_it_by_its_inside_or_its_edge(
    outcome: Outcome,
) -> None:
    mark = end_marks()[outcome]
    light, dark = [*COLOURS.values(), "#FFFFFF"], [*DARK_COLOURS.values(), DARK_PAPER]
    for inside, grounds in ((mark.colour, light), (mark.dark_colour or mark.colour, dark)):
        for below in grounds:
            assert max(contrast(inside, below), contrast(mark.edge_colour, below)) >= 3
