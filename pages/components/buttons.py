"""The buttons of whatever measures: Run, Stop, Measure again and Link."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.text.language import _
from pages.components.session_runs import SessionRuns


def run_and_stop(
    at: DeltaGenerator, page: str, runs: SessionRuns, *, measure: Callable[[], None], ready: bool
) -> None:
    """Show Run, which can be pressed if something is `ready` to be measured, and Stop.

    They belong to the fragment of what is measured, wherever they stand: pressing one draws that
    and nothing else, since a server draws such pages all the time.
    """
    with at, st.container(horizontal=True, gap="small"):
        pressed = st.button(
            _("Run"), type="primary", shortcut="Ctrl+Enter", disabled=not ready, key=f"{page} run"
        )
        if pressed and ready:
            measure()
        st.button(
            _("Stop"),
            shortcut="S",
            disabled=not runs.is_running(page),
            key=f"{page} stop",
            on_click=runs.stop,
        )


def again(page: str, *, measure: Callable[[], None]) -> None:
    """Offer to measure once more what something disturbed, where its picture is."""
    st.button(
        _("Measure again"),
        key=f"{page} again",
        shortcut="G",
        on_click=measure,
        help=_("The machine had other work, or the first job came late: another run may be calm."),
    )


def link(page: str) -> bool:
    """Show what opens the page's link and return whether it was pressed."""
    return st.button(
        _("Link"), key=f"{page} link", help=_("A link to this page as it stands, with its QR code.")
    )
