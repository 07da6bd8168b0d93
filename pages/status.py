"""Status: what the server does, what waits, and how runs have ended; for its operator."""

import os

import pandas as pd
import streamlit as st

from core.processes import descendants_of, resident_bytes
from core.spec.limits import LIMITS, PREFIX, PROFILE, SERVER_COUNT
from core.text.language import _, number_text
from pages.components import language
from pages.components.frame import set_up
from pages.components.navigation import STATUS_SWITCH
from pages.components.session_runs import result_cache, run_log, turns

REFRESH_S = 2.0
MB = 1 << 20


def show_now() -> None:
    """Show what goes on at this moment."""
    with st.container(horizontal=True, gap="large"):
        for name, text in figures().items():
            st.metric(name, text, width="content")
    counts = run_log().counts
    st.subheader(_("How runs have ended"))
    if counts:
        st.table(pd.DataFrame({_("runs"): {name: number_text(n) for name, n in counts.items()}}))
    else:
        st.caption(_("None has ended yet."))


def figures() -> dict[str, str]:
    """Return the numbers of this moment, by their names."""
    server = os.getpid()
    under_way, waiting = turns().counts()
    memory = f"{number_text(resident_bytes(server) / MB, ',.0f')} MB"
    return {
        _("under way"): number_text(under_way),
        _("in the queue"): of_most(waiting, LIMITS.waiting),
        _("child processes"): number_text(len(descendants_of(server))),
        _("server memory"): memory,
        _(
            "finished runs kept"
        ): f"{of_most(round(result_cache().size_bytes / MB, 1), LIMITS.kept_mb)} MB",
    }


def of_most(used: float, most: float) -> str:
    """Return how much of a limit is used."""
    return f"{number_text(used)} / {number_text(most)}"


def show_limits() -> None:
    """Show the limits that hold, by the variables of the environment that set them."""
    st.subheader(_("Limits"))
    st.caption(
        _("Profile: {profile}. Each limit can be set in the environment.").format(
            profile=os.environ.get(PROFILE) or "laptop"
        )
    )
    if SERVER_COUNT > 1:
        text = _("{count} servers share this machine: limits for everybody are one server's share.")
        st.caption(text.format(count=SERVER_COUNT))
    values = {name: getattr(LIMITS, name) for name in LIMITS.__slots__}
    shown = {
        PREFIX + name.upper(): "—" if value is None else number_text(value)
        for name, value in values.items()
    }
    st.table(pd.DataFrame({_("limit"): shown}))


set_up()
st.title(_("Status of this server"))
if os.environ.get(STATUS_SWITCH) == "1":
    # What a server's visitors do changes it, not what the operator does: it is drawn by the clock.
    st.fragment(language.kept(show_now), run_every=REFRESH_S)()
    show_limits()
else:
    st.error(
        _("This page is for the operator, who switches it on with {setting}.").format(
            setting=f"`{STATUS_SWITCH}=1`"
        )
    )
