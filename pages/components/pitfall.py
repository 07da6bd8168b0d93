"""A pitfall: a text, the code of both sides, controls, measured runs, and what to notice."""

from collections.abc import Sequence

import streamlit as st

from core.charts.strips import Strip
from pages.components import arrival, code_view, controls, language, result_view, run_panel
from pages.components.bench import bench
from pages.components.controls import Side
from pages.components.knobs import First


def show(
    page: str, sides: Sequence[Side | str], *, strips: Sequence[Strip], first: First | None = None
) -> None:
    """Show the page of a pitfall.

    Args:
        page: The name of the page, which is also that of its text.
        sides: The mistakes and their cures, from top to bottom; a pattern's name stands for the
            pattern with its usual workload.
        strips: What to show below each run.
        first: Where the controls stand at first.
    """
    arrival.ensure_app()
    text = language.lesson_text(page)
    words, code = st.columns([4, 5], gap="large")
    words.markdown(text.before)
    each = tuple(side if isinstance(side, Side) else Side(pattern=side) for side in sides)
    asked = controls.several(page, each, first or First())
    if asked.specs:
        with code:
            code_view.tabs(asked.specs)
    view = run_panel.show(page, asked, bench())
    result_view.show(page, asked.specs, bench(), view=view, strips=strips)
    st.markdown(text.after)
