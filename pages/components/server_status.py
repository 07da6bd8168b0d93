"""The status of the server: what goes on, what waits, and how runs have ended."""

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from core.measuring.resources import resident_bytes
from core.spec.limits import LIMITS, PREFIX, PROFILE, SERVER_COUNT
from core.text.language import _, number_text
from pages.components import language
from pages.components.navigation import STATUS_SWITCH
from pages.components.session_runs import kept, run_log, turns

REFRESH_S = 2.0
MB = 1 << 20


def is_switched_on() -> bool:
    """Return whether the operator wants the page."""
    return os.environ.get(STATUS_SWITCH) == "1"


def show() -> None:
    """Show the status, again every other second; nothing where it is not switched on."""
    if not is_switched_on():
        st.error(
            _("This page is for the operator, who switches it on with {setting}.").format(
                setting=f"`{STATUS_SWITCH}=1`"
            )
        )
        return
    st.fragment(language.kept(_show_now), run_every=REFRESH_S)()
    st.subheader(_("Limits"))
    st.caption(
        _("Profile: {profile}. Each limit can be set in the environment.").format(
            profile=os.environ.get(PROFILE) or "laptop"
        )
    )
    if SERVER_COUNT > 1:
        st.caption(_shares_text())
    st.table(limits_frame())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    name: str
    text: str


def _shares_text() -> str:
    text = _("{count} servers share this machine: limits for everybody are one server's share.")
    return text.format(count=SERVER_COUNT)


def _show_now() -> None:
    with st.container(horizontal=True, gap="large"):
        for figure in _figures():
            st.metric(figure.name, figure.text, width="content")
    counts = run_log().counts
    st.subheader(_("How runs have ended"))
    if counts:
        st.table(pd.DataFrame({_("runs"): {name: number_text(n) for name, n in counts.items()}}))
    else:
        st.caption(_("None has ended yet."))


def _figures() -> list[_Figure]:
    under_way, waiting = turns().counts()
    return [
        _Figure(name=_("under way"), text=number_text(under_way)),
        _Figure(name=_("in the queue"), text=_of(waiting, LIMITS.waiting)),
        _Figure(name=_("child processes"), text=number_text(descendants(os.getpid()))),
        _Figure(name=_("server memory"), text=f"{number_text(resident_bytes() / MB, ',.0f')} MB"),
        _Figure(
            name=_("finished runs kept"),
            text=f"{_of(round(kept().size_bytes / MB, 1), LIMITS.kept_mb)} MB",
        ),
    ]


def _of(used: float, most: float) -> str:
    return f"{number_text(used)} / {number_text(most)}"


def limits_frame() -> pd.DataFrame:
    """Return the limits that hold, by the variables of the environment that set them."""
    values = {name: getattr(LIMITS, name) for name in LIMITS.__slots__}
    shown = {
        PREFIX + name.upper(): "—" if value is None else number_text(value)
        for name, value in values.items()
    }
    return pd.DataFrame({_("limit"): shown})


def descendants(pid: int) -> int:
    """Return how many processes a process has started, they in turn among them; 0 off Linux."""
    children = _children(pid)
    return len(children) + sum(map(descendants, children))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for each in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, each.read_text().split())
        except OSError:  # it ended meanwhile
            continue
    return found
