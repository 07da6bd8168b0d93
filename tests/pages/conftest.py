"""What holds for every test of a page: nothing that is measured goes on after it."""

import math
import sys
from collections.abc import Iterator

import pytest
import streamlit as st

from core.analysis import metrics
from core.measuring.forking import CAN_FORK, Forking, Spares
from pages.components import session_runs


class KeptForking(Forking):
    """A zygote that no server ends with itself."""

    def close(self) -> None:
        """Do nothing: others will ask for children."""

    end = Forking.close


@pytest.fixture(scope="session")
def forking() -> Iterator[Forking | None]:
    """Give the zygote of all pages, if there can be one; one for each would start as often."""
    forking = KeptForking() if CAN_FORK else None
    yield forking
    if forking is not None:
        forking.end()


@pytest.fixture(autouse=True)
def fresh_bench(forking: Forking | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep no child warm but the zygote, and release what Streamlit keeps for its sessions.

    Nothing paints these pages, so nothing waits for that.
    """

    def spares(_size: int) -> Spares:
        spares = Spares(0)
        spares._forking = forking
        return spares

    monkeypatch.setattr(session_runs, "Spares", spares)
    monkeypatch.setattr(session_runs, "PAINT_WITHIN_S", 0.0)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def calm_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no run count as disturbed, whatever else the machine does."""
    monkeypatch.setattr(metrics, "LEAST_DISTURBED_SHARE", math.inf)
    monkeypatch.setattr(metrics, "LEAST_LATE_START_SHARE", math.inf)


@pytest.fixture
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each run count as disturbed, where the system says how long threads waited."""
    if sys.platform != "linux":
        pytest.skip("this system does not say how long threads waited for a processor")
    monkeypatch.setattr(metrics, "LEAST_DISTURBANCE_NS", 0)
    monkeypatch.setattr(metrics, "LEAST_DISTURBED_SHARE", 0.0)
