import pytest
from streamlit.testing.v1 import AppTest

from pages.components.entry import SENT_BACK, THROUGH_APP
from tests.pages.screen import ROOT, SCRIPT_LIMIT_S


@pytest.mark.parametrize("known", [THROUGH_APP, SENT_BACK])
def test_a_visitor_is_sent_back_to_the_app_once_at_most(known: str) -> None:
    def page() -> None:
        import streamlit as st

        from pages.components import entry

        entry.ensure_app()
        st.title("The page")

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S)
    at.session_state[known] = True
    assert [title.value for title in at.run().title] == ["The page"]
    assert [error.value for error in at.exception] == []


def test_the_app_notes_that_a_visitor_came_through_it() -> None:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=SCRIPT_LIMIT_S)
    at.session_state["compare automatic"] = False
    assert at.run().session_state[THROUGH_APP]
