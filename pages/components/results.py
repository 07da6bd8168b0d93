"""What the patterns returned: results and exceptions, in the order in which they came back."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.analysis.metrics import did_all
from core.analysis.summary import run_name
from core.jobs import Spread
from core.text.language import _
from core.text.legible import shortened
from core.timeline.timeline import Timeline
from pages.components import lazy_expander
from pages.components.markdown_text import escaped

MAX_ROWS = 50


def show(timelines: Sequence[Timeline]) -> None:
    """Show what each run's pattern returned, one column a run; unfolded where order matters."""
    if not any(timeline.results for timeline in timelines):
        return
    telling = any(
        timeline.spec.spread != Spread.EQUAL or not did_all(timeline) for timeline in timelines
    )
    lazy_expander.expander(
        _("What the pattern returned"),
        partial(_table, timelines),
        key="telling results" if telling else "results",
        unfolded=telling,
    )


def _table(timelines: Sequence[Timeline]) -> None:
    st.table(results_frame(timelines))
    left_out = max(len(timeline.results) for timeline in timelines) - MAX_ROWS
    if left_out > 0:
        st.caption(_("{count:,} more results are in the run file.").format(count=left_out))


def results_frame(timelines: Sequence[Timeline]) -> pd.DataFrame:
    """Return the first results of each run by their places, counted from 1."""
    columns = {
        escaped(run_name(timeline.spec)): pd.Series(
            [escaped(shortened(result)) for result in timeline.results[:MAX_ROWS]], dtype=str
        )
        for timeline in timelines
        if timeline.results
    }
    frame = pd.DataFrame(columns).fillna("")
    frame.index += 1
    return frame
