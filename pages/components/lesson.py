"""A lesson: a text, the code, controls, a measured run, and what to notice."""

import streamlit as st

from core.charts.strips import Strip
from core.jobs import Spread
from core.patterns import PATTERNS
from pages.components import arrival, controls, language, result_view, run_panel
from pages.components.bench import bench


def show(pattern: str, *, spread: Spread = Spread.EQUAL) -> None:
    """Show the lesson on a pattern.

    Args:
        pattern: The name of the pattern, which is also that of the lesson's text.
        spread: How the jobs' sleep times relate at first.
    """
    arrival.ensure_app()
    text = language.lesson_text(pattern)
    words, code = st.columns([4, 5], gap="large")
    words.markdown(text.before)
    code.code(PATTERNS[pattern].source, wrap_lines=True)
    asked = controls.one(pattern, spread=spread)
    view = run_panel.show(pattern, asked, bench())
    result_view.show(pattern, asked.specs, bench(), view=view, strips=[Strip.LOOP])
    st.markdown(text.after)
