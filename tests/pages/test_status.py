"""The operator's page: only where it is switched on, and no one's data on it."""

import pytest
from streamlit.testing.v1 import AppTest

from core.spec import limits
from core.spec.limits import LIMITS
from pages.components.navigation import STATUS_SWITCH, THROUGH_APP, sections
from tests.kit.screen import PAGES, SCRIPT_LIMIT_S


def status() -> AppTest:
    at = AppTest.from_file(PAGES / "status.py", default_timeout=SCRIPT_LIMIT_S)
    at.session_state[THROUGH_APP] = True
    return at.run()


def test_it_shows_nothing_unless_it_is_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STATUS_SWITCH, raising=False)
    at = status()
    assert [error.value for error in at.error] == [
        "This page is for the operator, who switches it on with `LOOPSCOPE_STATUS=1`."
    ]
    assert not at.metric


def test_it_shows_what_goes_on_and_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STATUS_SWITCH, "1")
    at = status()
    assert [error.value for error in at.exception] == []
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown["under way"] == "0"
    assert shown["in the queue"] == f"0 / {LIMITS.waiting:,}"
    assert set(shown) >= {"child processes", "server memory", "finished runs kept"}
    set_by = at.table[-1].value
    assert set_by.loc["LOOPSCOPE_LIMIT_TASKS"].iloc[0] == f"{LIMITS.tasks:,}"
    assert not [each.value for each in at.caption if "servers share" in each.value]


def test_it_says_that_limits_are_shares_where_servers_share_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(STATUS_SWITCH, "1")
    monkeypatch.setattr(limits, "SERVER_COUNT", 3)
    said = [each.value for each in status().caption]
    assert "3 servers share this machine: limits for everybody are one server's share." in said


@pytest.mark.parametrize(("switch", "shown"), [("1", True), ("0", False)])
def test_it_stands_in_the_navigation_only_where_it_is_switched_on(
    switch: str, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STATUS_SWITCH, switch)
    assert ("Operation" in sections()) is shown
