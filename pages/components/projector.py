"""The projector: a page for a hall, with its controls, its chart and its sentence, all large."""

from pathlib import Path

import streamlit as st

PROJECTOR, ON, OFF = "projector", "on", "off"
INK = {"light": "#31333F", "dark": "#FAFAFA"}
FULL_INK = {"light": "#000000", "dark": "#FFFFFF"}
STYLE = Path(__file__).with_name("assets") / "projector.css"


def is_on() -> bool:
    """Whether this page is projected, which its URL says."""
    return st.query_params.get(PROJECTOR) == ON


def switch() -> None:
    """Project the page, or show it as usual again."""
    if is_on():
        del st.query_params[PROJECTOR]
    else:
        st.query_params[PROJECTOR] = ON


def dress() -> None:
    """Give a projected page its size and contrast; leave any other as it is."""
    if is_on():
        st.html(STYLE)


def ink() -> str | None:
    """Return the colour of a chart's texts; None where the page's theme is not known."""
    return (FULL_INK if is_on() else INK).get(str(st.context.theme.type))
