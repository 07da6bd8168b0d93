"""How a visitor comes in: through app.py or straight to a page, signed in where that is wanted."""

import streamlit as st

from core.text.language import _
from pages.components.contents import sections

THROUGH_APP = "came through app.py"
SENT_BACK = "sent back to app.py"
SECTION = "auth"
"""The part of the secrets with the provider. A sign-in is Streamlit's own OpenID Connect.

Source: https://docs.streamlit.io/develop/concepts/connections/authentication
"""


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


def ensure_signed_in() -> None:
    """Let nobody past who has not signed in; let everybody past where nothing is configured."""
    if not _is_configured():
        return
    if not st.user.get("is_logged_in", False):
        # The only page there is: otherwise Streamlit would list the files in pages/.
        st.navigation([st.Page(_door, title="Loopscope")], position="hidden").run()
        st.stop()
    with st.sidebar:
        st.button(_("Sign out"), on_click=st.logout, key="sign out")


def _door() -> None:
    st.title("Loopscope")
    st.write(_("Sign in to measure on this server."))
    st.button(_("Sign in"), type="primary", on_click=st.login, key="sign in")


def _is_configured() -> bool:
    """Whether the secrets have a section for signing in; a server without secrets has none."""
    return bool(st.secrets.load_if_toml_exists()) and SECTION in st.secrets
