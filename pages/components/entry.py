"""How a visitor came in: through app.py, or by a link straight to a page."""

import streamlit as st

from pages.components.contents import sections

THROUGH_APP = "came through app.py"
SENT_BACK = "sent back to app.py"


def through_app() -> None:
    """Note that this script run began with app.py."""
    st.session_state[THROUGH_APP] = True


def ensure_app() -> None:
    """Run again, once, if this page was not reached through app.py.

    Until a server's first call of `st.navigation`, a link to a page runs that page alone, with
    Streamlit's automatic navigation. Declaring the navigation here makes app.py come first.
    """
    state = st.session_state
    if THROUGH_APP not in state and SENT_BACK not in state:
        state[SENT_BACK] = True
        st.navigation(sections())
        st.rerun()
