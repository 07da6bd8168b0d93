"""What is shown of finished runs below their chart: findings, figures, tables, transcripts."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.analysis.figures import all_figures, figure_rows, figures_of
from core.analysis.findings_text import findings_text
from core.analysis.metrics import did_all
from core.analysis.run_names import run_names
from core.analysis.span_classes import span_columns
from core.analysis.summary import left_out
from core.analysis.why_not_comparable import caveats
from core.jobs import Spread
from core.text.language import NS_PER_S, _, number_text
from core.text.legible import shortened
from core.timeline.timeline import Timeline
from pages.components import (
    downloads,
    guessing,
    language,
    look,
    replay,
)
from pages.components.markdown_text import escaped, unbroken
from pages.components.run_panel import RunView

MAX_LOG_LINES = 200


def show(view: RunView, timelines: Sequence[Timeline]) -> None:
    """Show all that is known of finished runs but what stands above their chart.

    It is a fragment of its own: what is unfolded here leaves the chart as it is.
    """
    st.fragment(language.kept(_show))(view, timelines)


def _show(view: RunView, timelines: Sequence[Timeline]) -> None:
    replay.show(view.page, timelines, by_itself=view.in_slow_motion)
    guessing.tell(view.guessed, timelines)
    if look.is_projected():
        return
    _findings(timelines)
    show_figures(timelines)
    show_results(timelines)
    look.lazy_expander(_("Transcript"), partial(_transcripts, timelines), key="transcript")
    show_spans(timelines)
    downloads.show(view.page, timelines)


def _findings(timelines: Sequence[Timeline]) -> None:
    told = [
        (name, text)
        for name, each in _named(timelines)
        for text in (findings_text(each), *left_out(each))
    ]
    lines = [f"- **{escaped(name)}**: {escaped(text)}" for name, text in told if text]
    if lines:
        st.markdown(unbroken("\n".join(lines)))
    if quiet := caveats(timelines):
        st.caption(unbroken(escaped(quiet)))


def _named(timelines: Sequence[Timeline]) -> list[tuple[str, Timeline]]:
    return list(zip(run_names([each.program for each in timelines]), timelines, strict=True))


def _transcripts(timelines: Sequence[Timeline]) -> None:
    named = _named(timelines)
    for column, (name, timeline) in zip(st.columns(len(named)), named, strict=True):
        column.markdown(f"**{name}**")
        lines = [
            f"{number_text(line.at_ns / NS_PER_S, '9.4f')} s  {shortened(line.text)}"
            for line in timeline.log[:MAX_LOG_LINES]
        ]
        left_out = len(timeline.log) - len(lines)
        if left_out:
            lines.append(_("… and {count:,} more lines").format(count=left_out))
        column.code("\n".join(lines), language=None)


def show_figures(timelines: Sequence[Timeline]) -> None:
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


MAX_RESULTS = 50


def show_results(timelines: Sequence[Timeline]) -> None:
    """Show what each run's pattern returned, one column a run; unfolded where order matters."""
    if not any(timeline.results for timeline in timelines):
        return
    telling = any(
        (each.spec is not None and each.spec.spread != Spread.EQUAL) or not did_all(each)
        for each in timelines
    )
    look.lazy_expander(
        _("What the pattern returned"),
        partial(_results, timelines),
        key="telling results" if telling else "results",
        unfolded=telling,
    )


def _results(timelines: Sequence[Timeline]) -> None:
    st.table(results_frame(timelines))
    left_out = max(len(timeline.results) for timeline in timelines) - MAX_RESULTS
    if left_out > 0:
        st.caption(_("{count:,} more results are in the run file.").format(count=left_out))


def results_frame(timelines: Sequence[Timeline]) -> pd.DataFrame:
    """Return the first results of each run by their places, counted from 1."""
    columns = {
        escaped(name): pd.Series(
            [escaped(shortened(result)) for result in timeline.results[:MAX_RESULTS]], dtype=str
        )
        for name, timeline in _named(timelines)
        if timeline.results
    }
    frame = pd.DataFrame(columns).fillna("")
    frame.index += 1
    return frame


MAX_SPANS = 200


def show_spans(timelines: Sequence[Timeline]) -> None:
    """Show the first spans of each run in a table that screen readers can read, folded away."""
    look.lazy_expander(_("Table of spans"), partial(_spans, timelines), key="table of spans")


def _spans(timelines: Sequence[Timeline]) -> None:
    for name, timeline in _named(timelines):
        st.markdown(f"**{name}**")
        st.table(spans_frame(timeline, MAX_SPANS), hide_index=True)
        left_out = len(timeline.spans) - MAX_SPANS
        if left_out > 0:
            st.caption(_("{count:,} more spans are in the run file.").format(count=left_out))


def spans_frame(timeline: Timeline, rows: int) -> pd.DataFrame:
    """Return the first spans of a run, one row each, times in milliseconds."""
    columns = span_columns(timeline, rows)
    where = _("where")
    columns[where] = [escaped(str(text)) for text in columns[where]]
    return pd.DataFrame(columns)
