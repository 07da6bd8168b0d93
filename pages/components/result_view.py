"""The result view: the chart of what is asked for and measured, and everything below it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.charts.gantt import Panel, gantt, jobs_drawn
from core.charts.lanes import LaneView
from core.explain import explain, factor_text, jobs_text, run_name
from core.ideal import ideal
from core.metrics import speed_up, worst_lateness_ns
from core.patterns import PATTERNS
from core.runfile import as_json, comparison_object, run_object
from core.running.measurement import Measurement
from core.spec import RunSpec
from core.timeline import Timeline
from core.units import duration_text
from core.words import _, ngettext
from pages.components import span_table
from pages.components.bench import Bench

REFRESH_S, SLOWEST_REFRESH_S = 0.25, 1.0
JOBS_AT_FULL_RATE = 60
MAX_LOG_LINES = 200


INK = {"light": "#31333F", "dark": "#FAFAFA"}


def show(
    page: str, specs: Sequence[RunSpec], bench: Bench, *, view: LaneView, with_loop: bool
) -> None:
    """Show a page's runs, growing while they are measured, and the ideal of what is not."""
    if not specs:
        return
    running = bench.is_running(page)

    def chart() -> None:
        measurements = _of(specs, bench.measurements(page))
        if running and not bench.is_running(page):
            st.rerun()
        _chart(page, specs, measurements, view, with_loop=with_loop)

    st.fragment(chart, run_every=_refresh_s(specs) if running else None)()
    measurements = _of(specs, bench.measurements(page))
    if not measurements:
        st.info(_("The outline is the ideal schedule. Press Run to measure."))
    elif not running:
        _outcome(page, measurements)
    _code(specs)


def _refresh_s(specs: Sequence[RunSpec]) -> float:
    """Return how often a growing chart is drawn: the browser must have time for other things."""
    jobs = sum(spec.tasks for spec in specs)
    return min(SLOWEST_REFRESH_S, REFRESH_S * max(1.0, jobs / JOBS_AT_FULL_RATE))


def _of(specs: Sequence[RunSpec], measurements: Sequence[Measurement]) -> list[Measurement]:
    """Return the measurements if they are those of the specs; none if the controls have moved."""
    if [each.spec for each in measurements] == list(specs):
        return list(measurements)
    return []


def _chart(
    page: str,
    specs: Sequence[RunSpec],
    measurements: Sequence[Measurement],
    view: LaneView,
    *,
    with_loop: bool,
) -> None:
    panels = _panels(specs, measurements)
    drawn, tasks = jobs_drawn(panels), specs[0].tasks
    if drawn < tasks:
        st.info(
            ngettext(
                "The chart shows the first job of {tasks:,}.",
                "The chart shows the first {drawn:,} jobs of {tasks:,}.",
                drawn,
            ).format(drawn=drawn, tasks=tasks)
        )
    st.plotly_chart(
        gantt(panels, view=view, with_loop=with_loop, ink=INK.get(str(st.context.theme.type))),
        key=f"{page} chart",
        config={"displayModeBar": False},
        alt=explain(_finished(measurements)) or _("The ideal schedule of each run."),
    )


def _panels(specs: Sequence[RunSpec], measurements: Sequence[Measurement]) -> list[Panel]:
    if not measurements:
        return [Panel(spec=spec, title=_title(spec)) for spec in specs]
    baseline = measurements[0].timeline()
    return [
        Panel(
            spec=each.spec,
            title=_title(each.spec, each, baseline),
            timeline=each.timeline(),
        )
        for each in measurements
    ]


def _title(
    spec: RunSpec, measurement: Measurement | None = None, baseline: Timeline | None = None
) -> str:
    name = f"<b>{run_name(spec)}</b>"
    timeline = measurement.timeline() if measurement else None
    if measurement is None or timeline is None:
        best = duration_text(ideal(spec).wall_ns)
        return _("{name} — ideally {ideal}").format(name=name, ideal=best)
    wall = f"<b>{duration_text(timeline.wall_ns)}</b>"
    if measurement.error is not None:
        return _("{name} — ended early, after {wall}").format(name=name, wall=wall)
    if not timeline.finished:
        return _("{name} — {wall} so far").format(name=name, wall=wall)
    if baseline is None or baseline.spec == spec or not baseline.finished:
        return f"{name} — {wall}"
    return f"{name} — {wall}, {factor_text(speed_up(timeline, baseline))}"


def _finished(measurements: Sequence[Measurement]) -> list[Timeline]:
    timelines = [each.timeline() for each in measurements]
    return [each for each in timelines if each is not None and each.finished]


def _outcome(page: str, measurements: Sequence[Measurement]) -> None:
    for measurement in measurements:
        if measurement.error is not None:
            st.error(f"{measurement.spec.pattern}: {measurement.error}")
    timelines = _finished(measurements)
    if not timelines:
        return
    st.markdown(f"**{explain(timelines)}**")
    _metrics(timelines)
    _transcripts(timelines)
    span_table.show(timelines)
    _download(page, timelines)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """A number about a run, as the page shows it."""

    name: str
    text: str
    meaning: str


def _metrics(timelines: Sequence[Timeline]) -> None:
    if len(timelines) == 1:
        with st.container(horizontal=True, gap="large"):
            for figure in _figures(timelines[0]):
                st.metric(figure.name, figure.text, help=figure.meaning, width="content")
        return
    rows = {
        run_name(each.spec): {
            figure.name: figure.text for figure in (*_figures(each), _speed_up(each, timelines[0]))
        }
        for each in timelines
    }
    st.table(pd.DataFrame.from_dict(rows, orient="index"))


def _figures(timeline: Timeline) -> list[_Figure]:
    best_ns = ideal(timeline.spec).wall_ns
    overhead_ns = timeline.wall_ns - best_ns
    share = f" ({overhead_ns / best_ns:+.1%})" if best_ns else ""
    pool_jobs = timeline.spec.executor is not None
    lateness = "—" if pool_jobs else duration_text(worst_lateness_ns(timeline))
    return [
        _Figure(
            name=_("wall time"),
            text=duration_text(timeline.wall_ns),
            meaning=_("From the start of the pattern until it returned."),
        ),
        _Figure(
            name=_("ideal"),
            text=duration_text(best_ns),
            meaning=_("What the settings predict if only the jobs took time."),
        ),
        _Figure(
            name=_("overhead"),
            text=f"{duration_text(overhead_ns)}{share}",
            meaning=_("Wall time less the ideal: what the loop, the pools and the machine added."),
        ),
        _Figure(
            name=_("worst lateness"),
            text=lateness if len(timeline.steps) else "—",
            meaning=_("The longest time that a job was ready while the event loop was busy."),
        ),
        _Figure(
            name=_("recording cost"),
            text=f"≈ {duration_text(timeline.recording_ns)}",
            meaning=_("The number of events times the cost of one, measured on this machine."),
        ),
    ]


def _speed_up(timeline: Timeline, baseline: Timeline) -> _Figure:
    return _Figure(
        name=_("speed-up"),
        text=f"{speed_up(timeline, baseline):.3g}×",  # noqa: RUF001
        meaning=_("Wall time of the first run divided by this one's."),
    )


def _transcripts(timelines: Sequence[Timeline]) -> None:
    with st.expander(_("Transcript")):
        for column, timeline in zip(st.columns(len(timelines)), timelines, strict=True):
            column.markdown(f"**{run_name(timeline.spec)}**")
            lines = [
                f"{line.at_ns / 1e9:9.4f} s  {line.text}" for line in timeline.log[:MAX_LOG_LINES]
            ]
            left_out = len(timeline.log) - len(lines)
            if left_out:
                lines.append(_("… and {count:,} more lines").format(count=left_out))
            column.code("\n".join(lines), language=None)


def _download(page: str, timelines: Sequence[Timeline]) -> None:
    def run_file() -> str:
        if len(timelines) == 1:
            return as_json(run_object(timelines[0]))
        return as_json(comparison_object(timelines))

    name = "-".join(each.spec.pattern for each in timelines)
    st.download_button(
        _("Download the run file (JSON)"),
        run_file,
        file_name=f"{name}.json",
        mime="application/json",
        key=f"{page} download",
        on_click="ignore",
        help=_("Every number on this page can be computed from it: {jobs}.").format(
            jobs=jobs_text(timelines[0].spec)
        ),
    )


def _code(specs: Sequence[RunSpec]) -> None:
    if len(specs) == 1:
        return
    with st.expander(_("Code of each pattern, as it ran")):
        for tab, spec in zip(st.tabs([spec.pattern for spec in specs]), specs, strict=True):
            tab.code(PATTERNS[spec.pattern].source)
