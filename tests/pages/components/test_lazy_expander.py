import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.screen import SCRIPT_LIMIT_S


def page() -> None:
    import streamlit as st

    from pages.components import lazy_expander

    lazy_expander.expander("Expander", lambda: st.text("expander"), key="expander")
    lazy_expander.expander("Open", lambda: st.text("open"), key="open", unfolded=True)


@pytest.mark.parametrize("unfolded", [[], ["expander"]])
def test_what_is_folded_is_made_once_it_is_unfolded(unfolded: list[str]) -> None:
    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S)
    for key in unfolded:
        at.session_state[key] = True
    at.run()
    assert {text.value for text in at.text} == {"open", *unfolded}


def test_what_is_unfolded_at_first_can_be_folded() -> None:
    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S).run()
    at.session_state["open"] = False
    at.run()
    assert len(at.text) == 0
