"""Status: what the server does, for its operator; no one's data."""

import streamlit as st

from core.text.language import _
from pages.components import server_status
from pages.components.frame import set_up

set_up()
st.title(_("Status of this server"))
server_status.show()
