"""Whose own code is run: that of this machine's user, or as the operator says; else nobody's."""

from dataclasses import replace

import pytest

from core.own_code.errors import OwnCodeOff
from pages.components import own_code_gate
from pages.components.own_code_gate import Visit, refusal

LAPTOP = Visit(
    switch="",
    profile="laptop",
    listens_at="127.0.0.1",
    comes_from="127.0.0.1",
    headers=(("Host", "localhost:8501"), ("Origin", "http://localhost:8501")),
    url="http://localhost:8501/own_code",
)
REACHED = "Others can reach this server, so it runs nobody's own code."
FROM_ELSEWHERE = "This page was not opened on the machine of its server, or a proxy is between"


def said(visit: Visit) -> str:
    return str(refusal(visit) or "")


def with_headers(**headers: str) -> Visit:
    """Return a visit on a laptop, with other headers or more; an empty one is left out."""
    found = dict(LAPTOP.headers) | {name.replace("_", "-"): text for name, text in headers.items()}
    return replace(LAPTOP, headers=tuple((name, text) for name, text in found.items() if text))


def test_on_a_laptop_it_is_on() -> None:
    assert refusal(LAPTOP) is None


@pytest.mark.parametrize(
    ("address", "host"),
    [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("::ffff:127.0.0.1", "localhost")],
)
def test_on_a_laptop_it_is_on_under_each_of_its_names(address: str, host: str) -> None:
    here = f"http://{host}:8501"
    visit = with_headers(Host=f"{host}:8501", Origin=here)
    assert refusal(replace(visit, comes_from=address, url=here)) is None


@pytest.mark.parametrize("listens_at", [None, "", "0.0.0.0", "::", "10.1.1.7", "example.org"])  # noqa: S104
def test_where_others_can_reach_the_server_it_is_off(listens_at: str | None) -> None:
    assert said(replace(LAPTOP, listens_at=listens_at)).startswith(REACHED)


def test_with_the_profile_for_strangers_it_is_off() -> None:
    assert said(replace(LAPTOP, profile="hosted")).startswith(REACHED)


@pytest.mark.parametrize("address", [None, "", "10.0.0.7", "no address", "::ffff:10.0.0.7"])
def test_a_visitor_from_elsewhere_or_from_nobody_knows_where_is_refused(
    address: str | None,
) -> None:
    assert said(replace(LAPTOP, comes_from=address)).startswith(FROM_ELSEWHERE)


@pytest.mark.parametrize(
    "header",
    [
        "X_Forwarded_For",
        "x_forwarded_host",
        "X_Forwarded_Proto",
        "Forwarded",
        "Via",
        "X_Real_IP",
        "CF_Connecting_IP",
        "X_Original_URL",
    ],
)
def test_what_a_proxy_has_passed_on_counts_as_reached_by_others(header: str) -> None:
    assert said(with_headers(**{header: "127.0.0.1"})).startswith(FROM_ELSEWHERE)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "example.org"},  # a proxy that passes on what the browser was told
        {"Host": "127.0.0.1:8501", "Origin": "https://example.org"},  # or not even that: nginx
        {"Host": "localhost.example.org:8501"},  # a name of somebody else's for this machine
        {"Origin": "http://localhost:3000"},  # a page of another server on this machine
        {"Origin": "null"},
        {"Origin": ""},
        {"Host": ""},
        {"Host": "localhost:port"},
        {"Origin": "http://[::1"},
    ],
)
def test_what_was_not_opened_under_this_servers_own_name_is_refused(
    headers: dict[str, str],
) -> None:
    assert said(with_headers(**headers)).startswith(FROM_ELSEWHERE)


@pytest.mark.parametrize("url", [None, "", "https://example.org/own_code", "http://localhost/"])
def test_a_browser_that_has_opened_something_else_is_refused(url: str | None) -> None:
    assert said(replace(LAPTOP, url=url)).startswith(FROM_ELSEWHERE)


def test_a_second_header_of_a_name_cannot_hide_the_first() -> None:
    twice = (*LAPTOP.headers, ("origin", "https://example.org"))
    assert said(replace(LAPTOP, headers=twice)).startswith(FROM_ELSEWHERE)


def test_the_operators_word_stands_before_all_that() -> None:
    stranger = Visit(
        switch="1",
        profile="hosted",
        listens_at=None,
        comes_from="10.0.0.7",
        headers=(("X-Forwarded-For", "10.0.0.7"),),
        url="https://example.org/own_code",
    )
    assert refusal(stranger) is None
    assert said(replace(LAPTOP, switch="0")) == (
        "The operator of this server has switched off own code."
    )


def test_a_session_of_which_nothing_is_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOOPSCOPE_OWN_CODE", raising=False)
    assert not own_code_gate.is_open()
    with pytest.raises(OwnCodeOff, match="nobody's own code"):
        own_code_gate.check()
