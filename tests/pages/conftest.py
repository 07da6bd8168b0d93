"""What holds for every test of a page: no warm children, and nothing measured goes on after it."""

from collections.abc import Iterator

import pytest
import streamlit as st

from pages.components import bench


@pytest.fixture(autouse=True)
def fresh_bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start each child when it is needed, and release what Streamlit keeps for its sessions.

    Nothing paints these pages, so nothing waits for that.
    """
    monkeypatch.setattr(bench, "WARM_CHILDREN", 0)
    monkeypatch.setattr(bench, "PAINT_WITHIN_S", 0.0)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()
