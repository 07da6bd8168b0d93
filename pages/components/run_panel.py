"""The run panel: how runs are measured and looked at, and measuring when the controls move."""

from dataclasses import dataclass, field

import streamlit as st

from core.charts.exact_lanes import LaneView
from core.text.language import _
from pages.components import buttons, guessing, replay, share
from pages.components.controls import AUTOMATIC_UP_TO_S, RunRequest
from pages.components.guessing import Guessed
from pages.components.link import Link
from pages.components.markdown_text import escaped
from pages.components.page_layout import PageLayout
from pages.components.session_runs import SessionRuns


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewing:
    """How runs shall be looked at: what a row of the chart stands for, and what was guessed.

    `in_slow_motion` shows what has been measured once more, at reading speed.
    """

    lanes: LaneView
    guessed: Guessed = field(default_factory=Guessed)
    in_slow_motion: bool = False


def show(link: Link, request: RunRequest, runs: SessionRuns, layout: PageLayout) -> Viewing:
    """Show the switches, and start what moved controls, or the link, ask for."""
    page = link.page
    with layout.switches:
        by_itself = _by_itself(link)
        guesses_first = guessing.toggle(link)
        slow = replay.slow_motion(link)
        view = lane_view(lanes_key(link))
        shared = buttons.link(page)
    guessed = guessing.ask(page, request.specs) if guesses_first else Guessed()
    moved = request.specs != runs.specs(page)
    quick = request.slowest_ideal_s <= AUTOMATIC_UP_TO_S
    wanted = link.starts_run or (by_itself and quick and moved)
    if request.specs and wanted and not guessed.is_waiting:
        runs.measure(page, request.specs, opening=link.is_first or runs.awaits_paint(page))
    for refusal in request.refusals:
        st.error(escaped(refusal))
    link.write()
    for note in link.notes:
        st.warning(escaped(note))
    if shared:
        share.show(link)
    return Viewing(lanes=view, guessed=guessed, in_slow_motion=slow)


def _by_itself(link: Link) -> bool:
    return st.toggle(
        _("Measure as I move"),
        value=True,
        key=link.switch("automatic", first=True),
        persist_state="session",
        help=_("Measure whenever a control is let go, if the slowest run takes at most 3 s."),
    )


def lanes_key(link: Link) -> str:
    """Return the key of the choice of rows, which stands in the link of a page."""
    return link.one_of("lanes", {str(view): view for view in LaneView}, LaneView.JOBS)


def lane_view(key: str) -> LaneView:
    """Ask what a row of the chart shall stand for."""
    names = {LaneView.JOBS: _("rows: jobs"), LaneView.WORKERS: _("rows: workers")}
    chosen = st.segmented_control(
        _("Rows of the chart"),
        list(names),
        default=LaneView.JOBS,
        required=True,
        format_func=lambda view: names[view],
        key=key,
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen or LaneView.JOBS
