"""Folds: parts of a page that are made and sent once somebody unfolds them, and not before.

To unfold one draws the fragment again that it is in.
"""

from collections.abc import Callable
from typing import Literal

import streamlit as st

Make = Callable[[], object]


def expander(title: str, make: Make, *, key: str, unfolded: bool = False) -> None:
    """Show a title below which `make` shows something while it is unfolded."""
    with st.expander(title, expanded=unfolded, key=key, on_change="rerun") as inside:
        if inside.open:
            make()


def popover(
    title: str,
    make: Make,
    *,
    key: str,
    icon: str | None = None,
    type: Literal["secondary", "tertiary"] = "secondary",  # noqa: A002 - as Streamlit calls it
) -> None:
    """Show a button that opens a window in which `make` shows something."""
    with st.popover(title, key=key, icon=icon, type=type, on_change="rerun") as inside:
        if inside.open:
            make()
