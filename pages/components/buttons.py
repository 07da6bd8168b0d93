"""The buttons of whatever measures: Run, Stop and Link."""

import streamlit as st

from core.words import _
from pages.components.bench import Bench


def run(page: str, *, ready: bool) -> bool:
    """Show Run and return whether it was pressed; it can be, once there is something to measure."""
    pressed = st.button(
        _("Run"), type="primary", shortcut="Ctrl+Enter", disabled=not ready, key=f"{page} run"
    )
    return pressed and ready


def stop(page: str, bench: Bench) -> None:
    """Show Stop, which can be pressed while something runs."""
    st.button(
        _("Stop"),
        shortcut="S",
        disabled=not bench.is_running(page),
        key=f"{page} stop",
        on_click=bench.stop,
    )


def link(page: str) -> bool:
    """Show what opens the page's link and return whether it was pressed."""
    return st.button(
        _("Link"), key=f"{page} link", help=_("A link to this page as it stands, with its QR code.")
    )
