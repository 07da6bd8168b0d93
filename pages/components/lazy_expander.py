"""Expanders whose content is made and sent once somebody unfolds them, and not before.

To unfold one draws the fragment again that it is in. Streamlit could do the same for popovers; but
one closes as soon as anything beside it is pressed, and drawing its fragment then may undo that.
"""

from collections.abc import Callable

import streamlit as st

Make = Callable[[], object]


def expander(
    title: str, make: Make, *, key: str, unfolded: bool = False, icon: str | None = None
) -> None:
    """Show a title below which `make` shows something while it is unfolded."""
    with st.expander(title, expanded=unfolded, key=key, icon=icon, on_change="rerun") as inside:
        if inside.open:
            make()
