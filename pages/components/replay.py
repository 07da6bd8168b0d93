"""The replay: a measured race once more, at reading speed, and who came home when.

It starts by a key or a button or, in slow motion, by itself as soon as a race has been measured.
"""

from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from core.analysis.guesses import arrivals, ranked
from core.text.language import NS_PER_S, _
from core.text.legible import legible
from core.timeline.timeline import Timeline
from pages.components import look
from pages.components.link import Link

LASTS_S = 6
KEY = "A"
HTML = """
<div class="replay">
  <button type="button"><span></span><kbd>A</kbd></button>
  <span data-clock aria-hidden="true"></span>
  <ol aria-live="polite"></ol>
</div>
"""


def slow_motion(link: Link) -> bool:
    """Show the switch for slow motion and return how it stands."""
    return st.toggle(
        _("Slow motion"),
        key=link.switch("slow", first=False),
        persist_state="session",
        help=_("Shows the bars at reading speed as soon as they have been measured."),
    )


def show(page: str, timelines: Sequence[Timeline], *, by_itself: bool = False) -> None:
    """Show the button that uncovers the chart from left to right within `LASTS_S` seconds.

    `by_itself` lets each race be shown so once without the button.
    """
    end_ns = max(timeline.end_ns for timeline in timelines)
    component = st.components.v2.component(
        "replay",
        html=HTML,
        css=look.asset("replay.css"),
        js=look.asset("replay.js"),
    )
    component(
        key=f"{page} replay",
        data={
            "label": _label(end_ns),
            "still": _("Your system asks for less motion, so the bars stay as they are."),
            "help": _("Uncovers the chart from left to right, so that it can be followed."),
            "key": KEY,
            "runs": [asdict(each) for each in arrivals(timelines)],
            "titles": [_title(each) for each in timelines],
            "ranked": ranked(timelines),
            "end_ns": end_ns,
            "lasts_ms": LASTS_S * 1_000,
            "by_itself": by_itself,
        },
    )


HERE = "\0"
"""Where the browser puts the time so far; no name has it, as names are made legible."""


def _title(timeline: Timeline) -> dict[str, object]:
    """Return what stands above a run until it ends in the replay, around the time so far."""
    name = legible(timeline.program.name)
    before, _here, after = _("{name} — {wall} so far").format(name=name, wall=HERE).partition(HERE)
    return {"before": before, "after": after, "wall_ns": timeline.wall_ns}


def _label(end_ns: int) -> str:
    factor = LASTS_S * NS_PER_S / max(1, end_ns)
    if factor > 1.5:
        return _("Replay in slow motion, {factor:,.0f} times slower").format(factor=factor)
    return _("Replay")
