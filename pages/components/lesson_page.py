"""A lesson page: a text, the code of each run, controls, measured runs, and what to notice."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.strips import Strip
from core.jobs import Spread
from pages.components import (
    code_view,
    controls,
    entry,
    language,
    lecture_keys,
    link,
    look,
    page_layout,
    result_view,
    run_panel,
)
from pages.components.controls import RunChoice
from pages.components.knobs import Defaults
from pages.components.language import LessonText
from pages.components.link import Link
from pages.components.session_runs import session_runs

Choices = Sequence[RunChoice | str] | Callable[[Link], Sequence[RunChoice]]


def show_pattern(pattern: str, *, spread: Spread = Spread.EQUAL) -> None:
    """Show the lesson on one pattern, called like it; `spread` says how jobs differ at first."""
    show(pattern, [pattern], strips=[Strip.LOOP], defaults=Defaults(spread=spread))


def show(
    page: str, choices: Choices, *, strips: Sequence[Strip], defaults: Defaults | None = None
) -> None:
    """Show a lesson page: one run, or several side by side.

    Args:
        page: The name of the page, which is also that of its text.
        choices: The runs from top to bottom, say a mistake and its cure; a name stands for the
            pattern with its usual workload. Or what asks the visitor for them, below the text.
        strips: What to show below each run.
        defaults: Where the controls stand at first.
    """
    entry.ensure_app()
    language.follow()
    text = language.lesson_text(page)
    beside = None if look.is_projected() else _introduction(text)
    here = link.begin(page)
    layout = page_layout.laid_out()
    with layout.choices:
        chosen = _chosen(here, choices)
    request = controls.several(here, layout, chosen, defaults or Defaults())
    if request.specs and beside is not None:
        with beside:
            code_view.show(request.specs)
    runs = session_runs()
    viewing = run_panel.show(here, request, runs, layout)
    result_view.show(page, request.specs, runs, at=layout.buttons, viewing=viewing, strips=strips)
    if not look.is_projected():
        st.markdown(text.after)
    lecture_keys.show(here)


def _introduction(text: LessonText) -> DeltaGenerator:
    """Show what to read before a run, and return the place of the code beside it."""
    words, code = st.columns([2, 3], gap="large")
    words.markdown(text.before)
    return code


def _chosen(here: Link, choices: Choices) -> list[RunChoice]:
    found = choices(here) if callable(choices) else choices
    return [each if isinstance(each, RunChoice) else RunChoice(pattern=each) for each in found]
