"""Gantt charts of runs, stacked on one time axis, over the outline of their ideal schedules."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.charts.axis import TimeAxis, Window
from core.charts.exact_lanes import (
    TEXT_PX,
    USUAL_LANE_PX,
    Lanes,
    LaneView,
    add_bars,
    add_marks,
    job_lanes,
    jobs_in_view,
    worker_lanes,
)
from core.charts.figure import Plot, Sheet, axis_key
from core.charts.layout import (
    TITLE_PX,
    TOP_PX,
    Row,
    as_text,
    legend_layout,
    more_room_px,
    place_above,
    stacked,
)
from core.charts.palette import GUESS_RANK, GUESSED, IDEAL_RANK, QUIET
from core.charts.panel import Panel
from core.charts.startup_and_end import draw_end, draw_startup, startup_shown_ns
from core.charts.strips import STRIPS, Strip
from core.spec.ideal import Ideal, ideal
from core.text.language import _

OUTLINE_HEIGHT = 0.94
MIN_RUN_PX = 60
ALL_RUNS_PX = 960
MAX_RUN_PX = 560
LABEL_PX = 16


def gantt(
    panels: Sequence[Panel],
    *,
    view: LaneView = LaneView.JOBS,
    strips: Sequence[Strip] = (),
    ink: str | None = None,
    window: Window | None = None,
) -> Sheet:
    """Return the chart of one or more runs on one time axis.

    Args:
        panels: The runs, from top to bottom; at least one.
        view: One row a job, or one row for each worker and the loop.
        strips: What else to show below each run, on the same axis.
        ink: The colour of titles and labels; None leaves it to the page's theme.
        window: The stretch of time to show and, in rows of jobs, the jobs; None shows all.

    Returns:
        The parts of a figure that shows all jobs in view of each run, exactly.
    """
    if window is not None and view is LaneView.WORKERS:
        window = replace(window, jobs=None)
    lanes = [_lanes(panel, view, window) for panel in panels]
    most_px = min(MAX_RUN_PX, ALL_RUNS_PX / len(panels))
    rows: list[Row] = []
    for panel, each in zip(panels, lanes, strict=True):
        rows.append(Row(height_px=_height_px(each, most_px), title=panel.title))
        rows += [
            Row(height_px=STRIPS[strip].height_of(panel.timeline), is_strip=True)
            for strip in strips
        ]
    plots = stacked(rows, _axis(panels, window), ink)
    together = 1 + len(strips)
    for plot, panel, each in zip(plots[::together], panels, lanes, strict=True):
        draw_startup(plot, panel.timeline)
        lane_px = _height_px(each, most_px) / max(1, len(each.names))
        _draw_run(plot, panel, each, view, lane_px=lane_px)
        if view is LaneView.JOBS:
            plot.note_jobs(each.numbers)
        _label_rows(plot, each.names, int(_height_px(each, most_px) // LABEL_PX))
    for place, strip in enumerate(strips, start=1):
        for plot, panel in zip(plots[place::together], panels, strict=True):
            STRIPS[strip].draw(plot, panel.timeline)
    _dress(plots)
    return plots[0].sheet


def _axis(panels: Sequence[Panel], window: Window | None) -> TimeAxis:
    if window is not None:
        return TimeAxis(start_ns=window.start_ns, end_ns=window.end_ns)
    end_ns = max(panel.end_ns for panel in panels)
    before_ns = max(startup_shown_ns(panel.timeline, end_ns) for panel in panels)
    return TimeAxis(end_ns=end_ns, before_ns=before_ns)


def _lanes(panel: Panel, view: LaneView, window: Window | None) -> Lanes:
    timeline = panel.timeline
    numbers = jobs_in_view(panel.spec.tasks, timeline, window)
    if view is LaneView.JOBS:
        return job_lanes(numbers, timeline, window)
    return (
        job_lanes(numbers[:0], None)
        if timeline is None
        else worker_lanes(numbers, timeline, window)
    )


def _height_px(lanes: Lanes, most_px: float) -> float:
    return max(MIN_RUN_PX, min(most_px, USUAL_LANE_PX * len(lanes.names)))


def _draw_run(plot: Plot, panel: Panel, lanes: Lanes, view: LaneView, *, lane_px: float) -> None:
    timeline = panel.timeline
    if view is LaneView.JOBS:
        _add_outline(plot, ideal(panel.spec), lanes.numbers)
    if timeline is not None:
        add_bars(plot, timeline, lanes, lane_px)
    if timeline is not None and timeline.finished and view is LaneView.JOBS:
        add_marks(plot, timeline, lanes)
    draw_end(plot, timeline)
    if panel.guess_ns is not None:
        _add_guess(plot, panel.guess_ns, len(lanes.names))


def _add_outline(plot: Plot, best: Ideal, numbers: Sequence[int]) -> None:
    """Draw when each of some jobs would begin and end; a copy of a job has no such times."""
    foreseen = [number for number in numbers if number < len(best.start_ns)]
    start_ns, end_ns = (
        plot.axis.clipped(np.array([times[number] for number in foreseen], dtype=np.int64))
        for times in (best.start_ns, best.end_ns)
    )
    row = np.arange(len(start_ns))
    if plot.axis.start_ns is not None:
        row = np.flatnonzero(end_ns > start_ns)
    plot.add(
        {
            "type": "bar",
            "x": plot.axis.scaled(end_ns[row] - start_ns[row]),
            "base": plot.axis.scaled(start_ns[row]).tolist(),
            "y": row,
            "orientation": "h",
            "width": OUTLINE_HEIGHT,
            "marker": {"color": "rgba(128,128,128,0.10)", "line": {"color": QUIET, "width": 1}},
            "hovertemplate": _("ideal: begins at %{base:.4~g}, lasts %{x:.4~g}")
            + "<extra></extra>",
        }
        | plot.in_legend(_("ideal"), IDEAL_RANK)
    )


def _add_guess(plot: Plot, guess_ns: int, rows: int) -> None:
    name = _("your guess")
    at = float(plot.axis.scaled(np.array([guess_ns]))[0])
    plot.add(
        {
            "type": "scatter",
            "x": [at, at],
            "y": [-0.5, max(rows, 1) - 0.5],
            "mode": "lines+markers",
            "line": {"dash": "dot", "color": GUESSED, "width": 4},
            "marker": {"symbol": "star", "size": [14, 0]},
            "cliponaxis": False,
            "hovertemplate": f"{name}: %{{x:.4~g}}<extra></extra>",
        }
        | plot.in_legend(name, GUESS_RANK)
    )


def _label_rows(plot: Plot, names: Sequence[str], fitting: int) -> None:
    step = -(-len(names) // fitting) or 1
    plot.update_y(
        tickvals=list(range(0, len(names), step)),
        ticktext=[as_text(name) for name in names[::step]],
        range=[max(len(names), 1) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )


def _dress(plots: Sequence[Plot]) -> None:
    sheet = plots[0].sheet
    text = {"size": TEXT_PX, "color": sheet.ink}
    for plot in plots:
        sheet.layout[axis_key(plot.y)] |= {"tickfont": text}
        sheet.layout[axis_key(plot.x)] |= {
            "range": list(plot.axis.range),
            "showgrid": True,
            "zeroline": False,
            "tickfont": text,
            "title": {"font": text},
        }
    last = plots[-1]
    sheet.layout[axis_key(last.x)] |= {"title": {"font": text, "text": last.axis.title}}
    for note in sheet.annotations:
        note["font"] = note["font"] | {"color": sheet.ink}
    more_px = more_room_px(list(sheet.named))
    height_px, top_px = sheet.layout["height"] + more_px, TOP_PX + more_px
    sheet.layout.update(
        height=height_px,
        margin=sheet.layout["margin"] | {"t": top_px},
        barmode="overlay",
        legend=legend_layout(text) | place_above(top_px - TITLE_PX, height_px),
        hoverlabel={"align": "left", "font": {"size": TEXT_PX}},
    )
