""

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from pages.components.navigation import SENT_BACK, THROUGH_APP
from tests.kit.screen import ROOT, SCRIPT_LIMIT_S


@pytest.mark.parametrize("known", [THROUGH_APP, SENT_BACK])
def test_a_visitor_is_sent_back_to_the_app_once_at_most(known: str) -> None:
    def page() -> None:
        import streamlit as st

        from pages.components import navigation

        navigation.ensure_app()
        st.title("The page")

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S)
    at.session_state[known] = True
    assert [title.value for title in at.run().title] == ["The page"]
    assert [error.value for error in at.exception] == []


def test_the_app_notes_that_a_visitor_came_through_it() -> None:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=SCRIPT_LIMIT_S)
    at.session_state["compare automatic"] = False
    assert at.run().session_state[THROUGH_APP]


PROVIDER = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "no secret at all, for a test of a page",
    "client_id": "loopscope",
    "client_secret": "a client's secret",
    "server_metadata_url": "http://localhost:9/.well-known/openid-configuration",
}


def gate() -> None:
    import streamlit as st

    from pages.components import navigation

    navigation.ensure_signed_in()
    st.write("measuring")


def shown(*, configured: bool) -> AppTest:
    test = AppTest.from_function(gate)
    if configured:
        test.secrets["auth"] = PROVIDER
    return test.run()


def test_without_a_provider_everybody_may_measure() -> None:
    page = shown(configured=False)
    assert [each.value for each in page.markdown] == ["measuring"]
    assert list(page.button) == []


def test_a_stranger_sees_nothing_but_the_way_to_sign_in() -> None:
    page = shown(configured=True)
    assert not page.exception
    assert [each.label for each in page.button] == ["Sign in"]
    assert [each.value for each in page.markdown] == ["Sign in to measure on this server."]


def test_who_has_signed_in_may_measure_and_sign_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit, "user", {"is_logged_in": True})
    page = shown(configured=True)
    assert not page.exception
    assert [each.value for each in page.markdown] == ["measuring"]
    assert [each.label for each in page.sidebar.button] == ["Sign out"]
