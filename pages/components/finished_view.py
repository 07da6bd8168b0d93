"""What is shown of finished runs below their chart: sentences, figures, results, transcripts."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.analysis.findings_text import story
from core.analysis.summary import explain, left_out, run_name
from core.text.language import _
from core.text.legible import shortened
from core.text.numbers import NS_PER_S, number_text
from core.timeline.timeline import Timeline
from pages.components import (
    downloads,
    figures,
    guessing,
    language,
    lazy_expander,
    projector,
    replay,
    results,
    span_table,
)
from pages.components.markdown_text import escaped, unbroken
from pages.components.run_panel import Viewing

MAX_LOG_LINES = 200


def show(page: str, timelines: Sequence[Timeline], viewing: Viewing) -> None:
    """Show all that is known of finished runs but their chart, and let it be taken away.

    It is a fragment of its own: what is unfolded here leaves the chart as it is.
    """
    st.fragment(language.kept(_show))(page, timelines, viewing)


def _show(page: str, timelines: Sequence[Timeline], viewing: Viewing) -> None:
    replay.show(page, timelines, by_itself=viewing.in_slow_motion)
    st.markdown(unbroken(f"**{escaped(explain(timelines))}**"))
    guessing.tell(viewing.guessed, timelines)
    if projector.is_on():
        return
    _stories(timelines)
    figures.show(timelines)
    results.show(timelines)
    lazy_expander.expander(_("Transcript"), partial(_transcripts, timelines), key="transcript")
    span_table.show(timelines)
    downloads.show(page, timelines)


def _stories(timelines: Sequence[Timeline]) -> None:
    told = [
        (run_name(each.spec), text) for each in timelines for text in (story(each), *left_out(each))
    ]
    lines = [f"- **{escaped(name)}**: {escaped(text)}" for name, text in told if text]
    if lines:
        st.markdown(unbroken("\n".join(lines)))


def _transcripts(timelines: Sequence[Timeline]) -> None:
    for column, timeline in zip(st.columns(len(timelines)), timelines, strict=True):
        column.markdown(f"**{run_name(timeline.spec)}**")
        lines = [
            f"{number_text(line.at_ns / NS_PER_S, '9.4f')} s  {shortened(line.text)}"
            for line in timeline.log[:MAX_LOG_LINES]
        ]
        left_out = len(timeline.log) - len(lines)
        if left_out:
            lines.append(_("… and {count:,} more lines").format(count=left_out))
        column.code("\n".join(lines), language=None)
