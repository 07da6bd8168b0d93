"""The replay: a measured race once more, at reading speed, and who came home when."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.explain import run_name
from core.metrics import did_all
from core.timeline import Timeline
from core.units import NS_PER_S, duration_text
from core.words import _

LASTS_S = 6
KEY = "A"
HERE = Path(__file__).parent
HTML = """
<div class="replay">
  <button type="button"><span></span><kbd>A</kbd></button>
  <span data-clock aria-hidden="true"></span>
  <ol aria-live="polite"></ol>
</div>
"""


def show(page: str, timelines: Sequence[Timeline]) -> None:
    """Show the button that uncovers the chart from left to right within `LASTS_S` seconds."""
    end_ns = max(timeline.end_ns for timeline in timelines)
    component = st.components.v2.component(
        "replay",
        html=HTML,
        css=(HERE / "replay.css").read_text(encoding="utf-8"),
        js=(HERE / "replay.js").read_text(encoding="utf-8"),
    )
    component(
        key=f"{page} replay",
        data={
            "label": _label(end_ns),
            "help": _("Uncovers the chart from left to right, so that it can be followed."),
            "key": KEY,
            "runs": arrivals(timelines),
            "ranked": ranked(timelines),
            "end_ns": end_ns,
            "lasts_ms": LASTS_S * 1_000,
        },
    )


def ranked(timelines: Sequence[Timeline]) -> bool:
    """Whether the runs have a first and a last: several, of which each saw all its jobs through."""
    return len(timelines) > 1 and all(map(did_all, timelines))


def _label(end_ns: int) -> str:
    factor = LASTS_S * NS_PER_S / max(1, end_ns)
    if factor > 1.5:
        return _("Replay in slow motion, {factor:,.0f} times slower").format(factor=factor)
    return _("Replay")


def arrivals(timelines: Sequence[Timeline]) -> list[dict[str, object]]:
    """Return what to announce of each run once it is home, in the order in which they came."""
    in_order = sorted(timelines, key=lambda timeline: timeline.wall_ns)
    return [
        {
            "wall_ns": timeline.wall_ns,
            "text": f"{run_name(timeline.spec)}: {duration_text(timeline.wall_ns)}",
        }
        for timeline in in_order
    ]
