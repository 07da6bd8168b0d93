"""What holds for every test of a page: no warm children, and nothing measured goes on after it."""

import math
import sys
from collections.abc import Iterator

import pytest
import streamlit as st

from core.analysis import metrics
from pages.components import session_runs


@pytest.fixture(autouse=True)
def fresh_bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start each child when it is needed, and release what Streamlit keeps for its sessions.

    Nothing paints these pages, so nothing waits for that.
    """
    monkeypatch.setattr(session_runs, "WARM_CHILDREN", 0)
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
