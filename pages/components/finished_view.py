"""What is shown of finished runs below their chart: findings, figures, tables, transcripts."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial

import pandas as pd
import streamlit as st

from core.analysis.figures import all_figures, figure_rows, figures_alone
from core.analysis.findings_text import findings_text
from core.analysis.guesses import arrivals, ranked
from core.analysis.metrics import did_all
from core.analysis.processes import began_ns
from core.analysis.side_by_side import caveats, run_name, run_names
from core.analysis.span_classes import span_columns
from core.analysis.unknown import left_out, unknown
from core.exports import EXPORTS, Export, file_stem
from core.jobs import Spread
from core.text.language import NS_PER_S, _, number_text
from core.text.legible import legible, shortened
from core.timeline.timeline import Timeline
from pages.components import language, look
from pages.components.look import escaped, escaped_but_code, unbroken
from pages.components.run_panel import RunView, tell_guesses

MAX_LOG_LINES = 200


def show(view: RunView, timelines: Sequence[Timeline]) -> None:
    """Show all that is known of finished runs but what stands above their chart.

    It is a fragment of its own: what is unfolded here leaves the chart as it is.
    """
    st.fragment(language.kept(_show))(view, timelines)


def _show(view: RunView, timelines: Sequence[Timeline]) -> None:
    show_replay(view.page, timelines, by_itself=view.in_slow_motion)
    tell_guesses(view.guessed, timelines)
    if look.is_projected():
        return
    _findings(timelines)
    show_figures(timelines)
    show_results(timelines)
    show_transcripts(timelines)
    show_spans(timelines)
    show_downloads(view.page, timelines)


def _findings(timelines: Sequence[Timeline]) -> None:
    findings = [
        (name, text)
        for name, each in _named(timelines)
        for text in (findings_text(each), *left_out(each), *unknown(each))
    ]
    lines = [f"- **{escaped(name)}**: {escaped_but_code(text)}" for name, text in findings if text]
    if lines:
        st.markdown(unbroken("\n".join(lines)))
    if quiet := caveats(timelines):
        st.caption(unbroken(escaped(quiet)))


def _named(timelines: Sequence[Timeline]) -> list[tuple[str, Timeline]]:
    return list(zip(run_names([each.program for each in timelines]), timelines, strict=True))


def show_transcripts(timelines: Sequence[Timeline], *, unfolded: bool = False) -> None:
    """Show what each run has printed, folded away at first."""
    look.lazy_expander(
        _("Transcript"), partial(_transcripts, timelines), key="transcript", unfolded=unfolded
    )


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
            for figure in figures_alone(timelines[0]):
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
    """Show the first spans of each run in a table that screen readers can read, collapsed."""
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


PACKED = "json.gz"
PLAIN_UP_TO_SPANS = 20_000
SCALE = 2
"""How many pixels a PNG has for one of the page: enough for a slide."""


def show_downloads(page: str, timelines: Sequence[Timeline]) -> None:
    """Show the menu. A file is made when somebody asks for it, not before."""
    look.lazy_expander(
        _("Download"),
        partial(_entries, page, timelines),
        key=f"{page} downloads",
        icon=":material/download:",
    )


def _entries(page: str, timelines: Sequence[Timeline]) -> None:
    texts = labels()
    _pictures(page, file_stem(timelines))
    for export in in_order(timelines):
        if export.takes_one:
            for place, timeline in enumerate(timelines):
                if export.needs_spec and timeline.spec is None:
                    continue
                label = texts[export.name].format(name=escaped(run_name(timeline.program)))
                _button(export, [timeline], label, key=f"{page} {export.name} {place}")
        else:
            label = texts[export.name]
            _button(export, timelines, label, key=f"{page} {export.name}")


def in_order(timelines: Sequence[Timeline]) -> list[Export]:
    """Return the formats; of large runs the compressed run file comes before the plain one."""
    names = list(EXPORTS)
    if sum(len(each.spans) for each in timelines) > PLAIN_UP_TO_SPANS:
        names.remove(PACKED)
        names.insert(0, PACKED)
    return [EXPORTS[name] for name in names]


def labels() -> dict[str, str]:
    """Return what each format is called on a page, in this language; a script names its run."""
    return {
        "json": _("Run file (JSON), which can be opened here again"),
        PACKED: _("Run file, compressed (JSON, gzip), which can be opened here, too"),
        "csv": _("Table of spans (CSV)"),
        "parquet": _("Table of spans (Parquet)"),
        "chrome": _("Chrome trace (JSON), which Perfetto opens"),
        "html": _("This result as one page (HTML), for offline"),
        "script": _("Script of {name} (Python)"),
    }


def _button(export: Export, timelines: Sequence[Timeline], label: str, *, key: str) -> None:
    make: Callable[[], bytes] = language.kept(partial(export.make, timelines))
    st.download_button(
        label,
        make,
        file_name=f"{file_stem(timelines)}{export.suffix}",
        mime=export.mime,
        key=key,
        on_click="ignore",
        type="tertiary",
    )


def _pictures(page: str, stem: str) -> None:
    """Show two buttons that save the page's chart; `stem` is the name of the file.

    The visitor's browser makes them, so a server needs nothing for it.
    """
    component = st.components.v2.component(
        "picture",
        html='<div class="pictures"></div>',
        css=look.asset("picture.css"),
        js=look.asset("picture.js"),
    )
    labels = {"png": _("Picture of the chart (PNG)"), "svg": _("Picture of the chart (SVG)")}
    component(data={"labels": labels, "stem": stem, "scale": SCALE}, key=f"{page} picture")


REPLAY_S = 6
REPLAY_KEY = "A"
REPLAY_HTML = """
<div class="replay">
  <button type="button"><span></span><kbd>A</kbd></button>
  <span data-clock aria-hidden="true"></span>
  <ol aria-live="polite"></ol>
</div>
"""


def show_replay(page: str, timelines: Sequence[Timeline], *, by_itself: bool = False) -> None:
    """Show the button that uncovers the chart from left to right within `REPLAY_S` seconds.

    `by_itself` lets each race be shown so once without the button.
    """
    began = began_ns(timelines)
    end_ns = max(at_ns + each.end_ns for at_ns, each in zip(began, timelines, strict=True))
    component = st.components.v2.component(
        "replay",
        html=REPLAY_HTML,
        css=look.asset("replay.css"),
        js=look.asset("replay.js"),
    )
    component(
        key=f"{page} replay",
        data={
            "label": _replay_label(end_ns),
            "still": _("Your system asks for less motion, so the bars stay as they are."),
            "help": _("Uncovers the chart from left to right, so that it can be followed."),
            "key": REPLAY_KEY,
            "runs": [asdict(each) for each in arrivals(timelines)],
            "titles": [
                _replay_title(each, at_ns) for each, at_ns in zip(timelines, began, strict=True)
            ],
            "ranked": ranked(timelines),
            "end_ns": end_ns,
            "lasts_ms": REPLAY_S * 1_000,
            "by_itself": by_itself,
        },
    )


HERE = "\0"
"""Where the browser puts the time so far; no name has it, as names are made legible."""


def _replay_title(timeline: Timeline, began_at_ns: int) -> dict[str, object]:
    """Return what stands above a run until it ends in the replay, around the time so far."""
    name = legible(timeline.program.name)
    before, _here, after = _("{name} — {wall} so far").format(name=name, wall=HERE).partition(HERE)
    return {"before": before, "after": after, "wall_ns": began_at_ns + timeline.wall_ns}


def _replay_label(end_ns: int) -> str:
    factor = REPLAY_S * NS_PER_S / max(1, end_ns)
    if factor > 1.5:
        return _("Replay in slow motion, {factor:,.0f} times slower").format(factor=factor)
    return _("Replay")
