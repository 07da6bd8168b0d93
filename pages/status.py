"""Status: what the server does, for its operator; no one's data."""

import streamlit as st

from core.text.language import _
from pages.components import entry, language, server_status

entry.ensure_app()
language.follow()
st.title(_("Status of this server"))
server_status.show()
