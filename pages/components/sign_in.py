"""Signing in, where the operator has configured a provider: Streamlit's own OpenID Connect.

Source: https://docs.streamlit.io/develop/concepts/connections/authentication
"""

import streamlit as st

from core.text.language import _

SECTION = "auth"


def ensure() -> None:
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
