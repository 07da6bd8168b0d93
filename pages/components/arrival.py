"""How a visitor arrived: through app.py, or by a link straight to a page."""

import streamlit as st

THROUGH_APP = "came through app.py"
SENT_BACK = "sent back to app.py"


def through_app() -> None:
    """Note that this script run began with app.py."""
    st.session_state[THROUGH_APP] = True


def ensure_app() -> None:
    """Run again, once, if this page was not reached through app.py.

    A server's very first visitor who comes by a link to a page gets Streamlit's automatic
    navigation, because app.py has not run yet; from the second run on app.py comes first.
    """
    state = st.session_state
    if THROUGH_APP not in state and SENT_BACK not in state:
        state[SENT_BACK] = True
        st.rerun()
