"""Gantt charts of runs, stacked on one time axis, over the outline of their ideal schedules."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import loop_strip
from core.charts.lanes import LaneView, Lanes, lanes_of, shown_jobs
from core.charts.palette import QUIET, Look, blocking_look, looks, marks
from core.charts.stack import Row, stacked
from core.ideal import Ideal, ideal
from core.spec import RunSpec
from core.timeline import NO_CPU_TIME, Integers, On, Outcome, State, Timeline
from core.units import NS_PER_MS, NS_PER_S, duration_text
from core.words import _

MAX_OUTLINED_JOBS = 250
LABELLED_SHARE = 0.09
MARGIN_SHARE = 0.02
MIN_RUN_PX, MAX_RUN_PX = 60, 560
ROOMY_LANE_PX = 24
LABEL_PX = 16
STRIP_PX = 28
TEXT_PX = 14
OUTLINE_HEIGHT = 0.94


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One run of a chart: measured, on its way, or only foreseen (`timeline` is None)."""

    spec: RunSpec
    title: str
    timeline: Timeline | None = None

    @property
    def ideal(self) -> Ideal:
        """The schedule that the settings predict."""
        return ideal(self.spec)

    @property
    def end_ns(self) -> int:
        """The last moment that the chart must show."""
        measured = self.timeline
        if measured is None:
            return self.ideal.wall_ns
        return max(self.ideal.wall_ns, measured.end_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """The common time axis: milliseconds for short runs, seconds for long ones."""

    end_ns: int

    @property
    def in_seconds(self) -> bool:
        return self.end_ns >= 2 * NS_PER_S

    def scaled(self, times_ns: Integers) -> "np.typing.NDArray[np.float64]":
        return times_ns / (NS_PER_S if self.in_seconds else NS_PER_MS)

    @property
    def title(self) -> str:
        return _("time since start (s)") if self.in_seconds else _("time since start (ms)")

    @property
    def range(self) -> tuple[float, float]:
        end = float(self.scaled(np.array([self.end_ns]))[0]) or 1.0
        return -end * MARGIN_SHARE / 4, end * (1 + MARGIN_SHARE)


def jobs_drawn(panels: Sequence[Panel]) -> int:
    """Return how many jobs of each run a chart shows: all, up to what can be drawn exactly."""
    timelines = [panel.timeline for panel in panels if panel.timeline and len(panel.timeline.jobs)]
    most = max(panel.spec.tasks for panel in panels)
    if not timelines:
        return min(most, MAX_OUTLINED_JOBS)
    return min(most, MAX_OUTLINED_JOBS, shown_jobs(timelines))


def gantt(
    panels: Sequence[Panel],
    *,
    view: LaneView = LaneView.JOBS,
    with_loop: bool = False,
    ink: str | None = None,
) -> go.Figure:
    """Return the chart of one or more runs on one time axis.

    Args:
        panels: The runs, from top to bottom; at least one.
        view: One row a job, or one row for each worker and the loop.
        with_loop: Add a strip below each run that shows when its event loop was busy.
        ink: The colour of titles and labels; None leaves it to the page's theme.

    Returns:
        A figure that shows the first `jobs_drawn` jobs of each run, exactly.
    """
    jobs = jobs_drawn(panels)
    axis = _Axis(end_ns=max(panel.end_ns for panel in panels))
    rows = [_lanes(panel, view, jobs) for panel in panels]
    figure = stacked(_plot_rows(panels, rows, with_loop=with_loop))
    step = 2 if with_loop else 1
    for number, (panel, lanes) in enumerate(zip(panels, rows, strict=True)):
        place = number * step + 1
        if view is LaneView.JOBS:
            _add_outline(figure, panel.ideal, jobs, axis, place)
        if panel.timeline is not None:
            _add_bars(figure, panel.timeline, lanes, axis, place)
            _add_marks(figure, panel.timeline, lanes, view, axis, place)
        _add_end(figure, panel, axis, place)
        _label_rows(figure, lanes.names, place)
        if with_loop:
            loop_strip.add(figure, panel.timeline, axis.scaled, axis.range[1], place + 1)
    _dress(figure, axis, len(panels) * step, ink)
    return figure


def _lanes(panel: Panel, view: LaneView, jobs: int) -> Lanes:
    if panel.timeline is not None and (len(panel.timeline.spans) or view is LaneView.WORKERS):
        lanes = lanes_of(panel.timeline, view, jobs)
        if view is LaneView.WORKERS:
            return lanes
        return Lanes(names=_job_names(panel, jobs), spans=lanes.spans, row=lanes.row)
    nothing = np.zeros(0, dtype=np.int64)
    names = _job_names(panel, jobs) if view is LaneView.JOBS else ()
    return Lanes(names=names, spans=nothing, row=nothing)


def _job_names(panel: Panel, jobs: int) -> tuple[str, ...]:
    known = panel.timeline.jobs.number[:jobs].tolist() if panel.timeline else []
    more = range(len(known), min(jobs, panel.spec.tasks))
    return tuple(_("job {number}").format(number=each + 1) for each in (*known, *more))


def _plot_rows(panels: Sequence[Panel], lanes: Sequence[Lanes], *, with_loop: bool) -> list[Row]:
    rows = []
    for panel, each in zip(panels, lanes, strict=True):
        rows.append(Row(height_px=_height_px(each.names), title=panel.title))
        if with_loop:
            rows.append(Row(height_px=STRIP_PX, is_strip=True))
    return rows


def _height_px(names: Sequence[str]) -> float:
    return min(MAX_RUN_PX, max(MIN_RUN_PX, ROOMY_LANE_PX * len(names)))


def _add_outline(figure: go.Figure, best: Ideal, jobs: int, axis: _Axis, place: int) -> None:
    start_ns = np.array(best.start_ns[:jobs], dtype=np.int64)
    end_ns = np.array(best.end_ns[:jobs], dtype=np.int64)
    figure.add_bar(
        x=axis.scaled(end_ns - start_ns),
        base=axis.scaled(start_ns),
        y=np.arange(len(start_ns)),
        orientation="h",
        width=OUTLINE_HEIGHT,
        name=_("ideal"),
        legendgroup="ideal",
        legendrank=1,
        showlegend=place == 1,
        marker={"color": "rgba(128,128,128,0.10)", "line": {"color": QUIET, "width": 1}},
        hovertemplate=_("ideal: begins at %{base:.4~g}, lasts %{x:.4~g}") + "<extra></extra>",
        row=place,
        col=1,
    )


def _add_bars(figure: go.Figure, timeline: Timeline, lanes: Lanes, axis: _Axis, place: int) -> None:
    blocking = timeline.spans.is_blocking[lanes.spans]
    state = timeline.spans.state[lanes.spans]
    for each, look in looks().items():
        _add_state(figure, timeline, lanes, (state == each) & ~blocking, look, axis, place)
    _add_state(figure, timeline, lanes, blocking, blocking_look(), axis, place)


def _add_state(
    figure: go.Figure,
    timeline: Timeline,
    lanes: Lanes,
    chosen: "np.typing.NDArray[np.bool_]",
    look: Look,
    axis: _Axis,
    place: int,
) -> None:
    indices = lanes.spans[chosen]
    known = {trace.name for trace in figure.data if trace.showlegend}
    if not len(indices):
        return
    start_ns = timeline.spans.start_ns[indices]
    duration_ns = timeline.spans.duration_ns[indices]
    roomy = len(lanes.names) <= MAX_RUN_PX / ROOMY_LANE_PX
    figure.add_bar(
        x=axis.scaled(duration_ns),
        base=axis.scaled(start_ns),
        y=lanes.row[chosen],
        orientation="h",
        width=look.height,
        name=look.name,
        legendgroup=look.name,
        legendrank=look.rank,
        showlegend=look.name not in known,
        text=_labels(timeline, indices, look, axis) if roomy else None,
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": look.text_colour, "size": TEXT_PX - 1},
        constraintext="none",
        marker={
            "color": look.colour,
            "line": {"color": look.colour, "width": look.edge_px},
        },
        customdata=[_hover(timeline, int(index), look.name) for index in indices],
        hovertemplate="%{customdata}<extra></extra>",
        row=place,
        col=1,
    )


def _labels(timeline: Timeline, indices: Integers, look: Look, axis: _Axis) -> list[str]:
    durations = timeline.spans.duration_ns[indices].tolist()
    return [
        f"{look.name} {duration_text(duration)}" if duration > axis.end_ns * LABELLED_SHARE else ""
        for duration in durations
    ]


def _hover(timeline: Timeline, index: int, name: str) -> str:
    """Return the text of one bar; `<br>` parts its lines, all else is shown as written."""
    spans = timeline.spans
    number = int(spans.job[index])
    duration_ns = int(spans.duration_ns[index])
    lines = [
        _("job {number}: {state} {duration}").format(
            number=number + 1, state=name, duration=duration_text(duration_ns)
        ),
        _("from {start} to {end}").format(
            start=duration_text(int(spans.start_ns[index])),
            end=duration_text(int(spans.end_ns[index])),
        ),
    ]
    if spans.state[index] == State.WAITING:
        lines.append(_("on: {on}").format(on=On(int(spans.on[index])).name.lower()))
    if spans.state[index] in (State.RUNNING, State.WORKING):
        lines.append(_("lane: {lane}").format(lane=timeline.lane_name(index)))
    if spans.cpu_ns[index] != NO_CPU_TIME:
        lines.append(_("CPU time: {cpu}").format(cpu=duration_text(int(spans.cpu_ns[index]))))
    if where := timeline.site_name(int(spans.site[index])):
        lines.append(_("where: {where}").format(where=where))
    return "<br>".join(html.escape(line) for line in lines)


def _add_marks(
    figure: go.Figure,
    timeline: Timeline,
    lanes: Lanes,
    view: LaneView,
    axis: _Axis,
    place: int,
) -> None:
    if view is not LaneView.JOBS or not timeline.finished:
        return
    shown = timeline.jobs.outcome[: len(lanes.names)]
    for outcome, mark in marks().items():
        rows = [row for row, each in enumerate(shown) if each is outcome]
        if not rows:
            continue
        figure.add_scatter(
            x=axis.scaled(timeline.jobs.ended_ns[rows]),
            y=rows,
            mode="markers",
            name=mark.name,
            marker={
                "symbol": mark.symbol,
                "size": 12,
                "color": mark.colour,
                "line": {"color": mark.colour if outcome is Outcome.CANCELLED else "#FFFFFF"}
                | {"width": 3 if outcome is Outcome.CANCELLED else 1},
            },
            customdata=[_end_text(timeline, row, mark.name) for row in rows],
            hovertemplate="%{customdata}<extra></extra>",
            row=place,
            col=1,
        )


def _end_text(timeline: Timeline, row: int, name: str) -> str:
    error = timeline.jobs.error[row]
    reason = f": {error.kind}: {error.message}" if error else ""
    number = int(timeline.jobs.number[row]) + 1
    return html.escape(_("job {number}").format(number=number) + f" {name}{reason}")


def _add_end(figure: go.Figure, panel: Panel, axis: _Axis, place: int) -> None:
    timeline = panel.timeline
    if timeline is None or not timeline.finished:
        return
    end = float(axis.scaled(np.array([timeline.wall_ns]))[0])
    figure.add_vline(x=end, line={"dash": "dash", "color": QUIET, "width": 2}, row=place, col=1)


def _label_rows(figure: go.Figure, names: Sequence[str], place: int) -> None:
    fitting = max(1, int(_height_px(names) // LABEL_PX))
    step = -(-len(names) // fitting) if names else 1
    figure.update_yaxes(
        tickvals=list(range(0, len(names), step)),
        ticktext=[html.escape(name) for name in names[::step]],
        range=[max(len(names), 1) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        row=place,
        col=1,
    )


def _dress(figure: go.Figure, axis: _Axis, rows: int, ink: str | None) -> None:
    text = {"size": TEXT_PX, "color": ink}
    figure.update_xaxes(range=list(axis.range), showgrid=True, zeroline=False, showticklabels=False)
    figure.update_xaxes(title_text=axis.title, showticklabels=True, row=rows, col=1)
    figure.update_xaxes(tickfont=text, title_font=text)
    figure.update_yaxes(tickfont=text)
    figure.update_annotations(font_color=ink)
    figure.update_layout(
        barmode="overlay",
        legend={
            "font": text,
            "orientation": "h",
            "yref": "container",
            "y": 0.995,
            "yanchor": "top",
            "x": 1,
            "xanchor": "right",
        },
        hoverlabel={"align": "left", "font": {"size": TEXT_PX}},
    )
