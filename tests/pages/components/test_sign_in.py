"""Signing in: open where nothing is configured, closed to strangers where a provider is."""

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

PROVIDER = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "no secret at all, for a test of a page",
    "client_id": "loopscope",
    "client_secret": "a client's secret",
    "server_metadata_url": "http://localhost:9/.well-known/openid-configuration",
}


def gate() -> None:
    import streamlit as st

    from pages.components import sign_in

    sign_in.ensure()
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
