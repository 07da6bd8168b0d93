"""The table of spans: the chart in words, for those who cannot see it and those who calculate."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.analysis.span_classes import span_classes
from core.analysis.summary import run_name
from core.charts.palette import waits
from core.text.language import _
from core.text.legible import shortened
from core.text.numbers import NS_PER_MS, number_text
from core.timeline.timeline import On, State, Timeline
from pages.components import lazy_expander
from pages.components.markdown_text import escaped

MAX_ROWS = 200


def show(timelines: Sequence[Timeline]) -> None:
    """Show the first spans of each run in a table that screen readers can read, folded away."""
    lazy_expander.expander(_("Table of spans"), partial(_tables, timelines), key="table of spans")


def _tables(timelines: Sequence[Timeline]) -> None:
    for timeline in timelines:
        st.markdown(f"**{run_name(timeline.spec)}**")
        st.table(spans_frame(timeline, MAX_ROWS), hide_index=True)
        left_out = len(timeline.spans) - MAX_ROWS
        if left_out > 0:
            st.caption(_("{count:,} more spans are in the run file.").format(count=left_out))


def spans_frame(timeline: Timeline, rows: int) -> pd.DataFrame:
    """Return the first spans of a run, one row each, times in milliseconds."""
    spans = timeline.spans
    names = {number: each.name for number, each in span_classes().items()}
    waited = waits()
    shown = range(min(rows, len(spans)))
    return pd.DataFrame(
        {
            _("job"): [int(spans.job[row]) + 1 for row in shown],
            _("state"): [names[int(spans.state[row])] for row in shown],
            _("start (ms)"): [_ms(spans.start_ns[row]) for row in shown],
            _("end (ms)"): [_ms(spans.end_ns[row]) for row in shown],
            _("duration (ms)"): [_ms(spans.end_ns[row] - spans.start_ns[row]) for row in shown],
            _("lane"): [timeline.lane_name(row) for row in shown],
            _("on"): [
                waited[On(int(spans.on[row]))] if spans.state[row] == State.WAITING else ""
                for row in shown
            ],
            _("where"): [
                escaped(shortened(timeline.site_name(int(spans.site[row])) or "")) for row in shown
            ],
        }
    )


def _ms(time_ns: float) -> str:
    return number_text(time_ns / NS_PER_MS, ",.3f")
