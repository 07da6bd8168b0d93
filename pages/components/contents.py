"""The table of contents: which pages there are, and under which headings."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core.words import _

LESSONS = (
    "sequential",
    "create_task",
    "gather",
    "gather_results",
    "run_in_executor",
    "task_group",
)


def sections() -> dict[str, list[StreamlitPage]]:
    """Return the pages under their headings, titled in this context's language."""
    compare = st.Page("pages/compare.py", title=_("Compare"), default=True)
    lessons = [st.Page(f"pages/{name}.py", title=name) for name in LESSONS]
    return {_("Measure"): [compare], _("Lessons"): lessons}
