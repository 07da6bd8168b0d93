"""The figures of runs on a page: a row of numbers, or a table of them."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.analysis.figures import all_figures, figure_rows, figures_of
from core.text.language import _
from core.timeline.timeline import Timeline
from pages.components.markdown_text import escaped


def show(timelines: Sequence[Timeline]) -> None:
    """Show the figures of one run side by side, of several in a table with speed-ups."""
    if len(timelines) == 1:
        with st.container(horizontal=True, gap="medium"):
            for figure in figures_of(timelines[0]):
                st.metric(figure.name, figure.text, help=figure.meaning, width="content")
        return
    frame = figures_frame(timelines)
    st.table(frame)
    with st.popover(_("What the figures mean"), type="tertiary"):
        meanings = {figure.name: figure.meaning for figure in all_figures(timelines[0], timelines)}
        st.markdown("\n".join(f"- {name}: {meanings[name]}" for name in frame.columns))


def figures_frame(timelines: Sequence[Timeline]) -> pd.DataFrame:
    """Return the figures of several runs, one row each; columns that say nothing are left out."""
    (_pattern, *names), *rows = figure_rows(timelines)
    texts = {escaped(name): texts for name, *texts in rows}
    return pd.DataFrame.from_dict(texts, orient="index", columns=names)
