"""The frame of a page: what each does in the same order, so that a page says what is its own.

A page is set up, asks what to run, runs it and shows it; the keys of a lecture stand at its end.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.strips import Strip
from core.spec.run_spec import RunSpec
from pages.components import (
    code_view,
    entry,
    language,
    lecture_keys,
    link,
    look,
    page_layout,
    result_view,
    run_panel,
    sweep_view,
)
from pages.components.controls import RunRequest
from pages.components.link import Link
from pages.components.page_layout import PageLayout
from pages.components.session_runs import session_runs

Ask = Callable[[Link, PageLayout], RunRequest]
"""Shows a page's controls at their places and returns what they ask for."""


def set_up() -> None:
    """Let app.py come first, and speak the visitor's language."""
    entry.ensure_app()
    language.follow()


@contextmanager
def framed(page: str) -> Iterator[Link]:
    """Set up a page, give its link to what shows the page, and end it with the lecture's keys."""
    set_up()
    here = link.begin(page)
    yield here
    lecture_keys.show(here)


def show_title(title: str) -> None:
    """Show the title of a page; a projected page has the room for its chart."""
    if not look.is_projected():
        st.title(title)


def show_text(text: str) -> None:
    """Show what there is to read, in Markdown, but on a projected page."""
    if not look.is_projected():
        st.markdown(text)


def show_runs(
    here: Link, ask: Ask, *, strips: Sequence[Strip] = (), code_at: DeltaGenerator | None = None
) -> tuple[RunSpec, ...]:
    """Ask what to run, run it, show it, and return what was asked for.

    Args:
        here: The link of the page.
        ask: What asks.
        strips: What to show below each run.
        code_at: Where the code of the runs stands; None for a page that shows it elsewhere.
    """
    layout = page_layout.laid_out()
    request = ask(here, layout)
    if request.specs and code_at is not None:
        with code_at:
            code_view.show(request.specs)
    runs = session_runs()
    view = run_panel.show(here, request, runs, layout, strips=strips)
    result_view.show(view, runs, at=layout.buttons)
    return request.specs


def show_sweep(here: Link) -> None:
    """Ask for more and more jobs, run after run, and show how they fared."""
    layout = page_layout.laid_out()
    runs = session_runs()
    sweep = sweep_view.controls(here, runs, layout)
    sweep_view.show(here.page, sweep, runs, at=layout.buttons)
