"""A chapter: a text, the code of each side, controls, measured runs, and what to notice."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.strips import Strip
from pages.components import (
    arrival,
    code_view,
    controls,
    desk,
    language,
    lectern,
    link,
    projector,
    result_view,
    run_panel,
)
from pages.components.bench import bench
from pages.components.controls import Side
from pages.components.knobs import First
from pages.components.language import LessonText
from pages.components.link import Link

Sides = Sequence[Side | str] | Callable[[Link], Sequence[Side]]


def show(page: str, sides: Sides, *, strips: Sequence[Strip], first: First | None = None) -> None:
    """Show the page of a chapter: one run, or several side by side.

    Args:
        page: The name of the page, which is also that of its text.
        sides: The runs from top to bottom, say a mistake and its cure; a name stands for the
            pattern with its usual workload. Or what asks the visitor for them, below the text.
        strips: What to show below each run.
        first: Where the controls stand at first.
    """
    arrival.ensure_app()
    language.follow()
    text = language.lesson_text(page)
    beside = None if projector.is_on() else _introduction(text)
    here = link.begin(page)
    places = desk.laid_out()
    with places.choices:
        asked_for = _asked_for(here, sides)
    asked = controls.several(here, places, asked_for, first or First())
    if asked.specs and beside is not None:
        with beside:
            code_view.show(asked.specs)
    viewing = run_panel.show(here, asked, bench(), places)
    result_view.show(page, asked.specs, bench(), at=places.buttons, viewing=viewing, strips=strips)
    if not projector.is_on():
        st.markdown(text.after)
    lectern.show(here)


def _introduction(text: LessonText) -> DeltaGenerator:
    """Show what to read before a run, and return the place of the code beside it."""
    words, code = st.columns([2, 3], gap="large")
    words.markdown(text.before)
    return code


def _asked_for(here: Link, sides: Sides) -> list[Side]:
    found = sides(here) if callable(sides) else sides
    return [side if isinstance(side, Side) else Side(pattern=side) for side in found]
