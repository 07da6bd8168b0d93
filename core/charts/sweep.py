"""The charts of a sweep: how a quantity grows with the number of jobs, on two log axes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.analysis.span_classes import BLOCKING, span_classes
from core.charts.figure import USUAL, FigureParts, Style
from core.sweep import Point, Series, Sweep, ideal_s
from core.text.language import NS_PER_MS, NS_PER_S, _, duration_text, size_text
from core.timeline.timeline import State

TEXT_PX = 14
TALL_PX, LOW_PX = 460, 320
MARKER_PX = 9
MARGIN_PX = 8
# On a log axis air is a factor: this one is as wide as a marker and half of its line.
AIR = 1.35
"""By which factor an axis goes on past its last value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How a series is drawn: in the colour of a class of spans, and never by that alone."""

    look: int
    symbol: str

    def colour(self, style: Style) -> str:
        """Return the colour of the line on a page."""
        return style.colour(span_classes()[self.look])


LINES = {
    Series.COROUTINES: Line(look=State.RUNNING, symbol="circle"),
    Series.POOL: Line(look=State.READY, symbol="square"),
    Series.THREADS: Line(look=State.WORKING, symbol="diamond"),
    Series.PROCESSES: Line(look=BLOCKING, symbol="triangle-up"),
}

Value = Callable[[Point], float]
Text = Callable[[float], str]


def makespan(sweep: Sweep, points: Sequence[Point], style: Style = USUAL) -> FigureParts:
    """Return the wall times of a sweep over their ideals, which are known before it begins."""
    parts = _empty(_("wall time (s)"), TALL_PX, sweep, style)
    for series in sweep.series:
        counts, walls_s = _ideals(sweep, series)
        parts.traces.append(
            {
                "type": "scatter",
                "x": counts,
                "y": walls_s,
                "mode": "lines",
                "line": {"color": LINES[series].colour(style), "dash": "dot", "width": 1.5},
                "legendgroup": series,
                "name": _("ideal: {series}").format(series=series.text),
                "showlegend": False,
                "hovertemplate": _("ideally %{y:.3~g} s") + "<extra></extra>",
            }
        )
        _add(parts, series, points, lambda point: point.wall_ns / NS_PER_S, _seconds)
    _add_legend_of_ideal(parts)
    return parts


def lateness(sweep: Sweep, points: Sequence[Point], style: Style = USUAL) -> FigureParts:
    """Return by how much jobs woke up late: the median as a line, 99 % of the jobs as dots."""
    parts = _empty(_("lateness (ms)"), LOW_PX, sweep, style)
    for series in sweep.series:
        _add(parts, series, points, lambda point: point.late_50_ns / NS_PER_MS, _milliseconds)
        _add_99th(parts, series, points)
    return parts


def memory(sweep: Sweep, points: Sequence[Point], style: Style = USUAL) -> FigureParts:
    """Return what each job took of memory, with the task, thread or process that carried it.

    Runs whose jobs were not all there at once are left out.
    """
    known = [point for point in points if point.tells_memory]
    parts = _empty(_("memory for each job (kB)"), LOW_PX, sweep, style)
    for series in sweep.series:
        _add(
            parts,
            series,
            known,
            lambda point: point.memory_per_job_bytes / 1_000,
            lambda kilobytes: size_text(kilobytes * 1_000),
        )
    return parts


def processor(sweep: Sweep, points: Sequence[Point], style: Style = USUAL) -> FigureParts:
    """Return what a run used of the processors, worker processes included."""
    parts = _empty(_("processor time (ms)"), LOW_PX, sweep, style)
    for series in sweep.series:
        _add(parts, series, points, lambda point: point.cpu_ns / NS_PER_MS, _milliseconds)
    return parts


def startup(sweep: Sweep, points: Sequence[Point], style: Style = USUAL) -> FigureParts:
    """Return how long it took until all tasks, threads or processes had begun."""
    parts = _empty(_("start-up (ms)"), LOW_PX, sweep, style)
    for series in sweep.series:
        _add(parts, series, points, lambda point: point.startup_ns / NS_PER_MS, _milliseconds)
    return parts


def _seconds(value: float) -> str:
    return duration_text(value * NS_PER_S)


def _milliseconds(value: float) -> str:
    return duration_text(value * NS_PER_MS)


def _ideals(sweep: Sweep, series: Series) -> tuple[list[int], list[float]]:
    """Return the numbers of jobs that are allowed, and the ideal wall time of each in seconds."""
    known: dict[int, float] = {}
    for jobs in sweep.counts:
        best_s = ideal_s(series, jobs, sweep.sleep_s)
        if best_s is None:
            break  # a limit on jobs or processes, which larger numbers would meet as well
        known[jobs] = best_s
    return list(known), list(known.values())


def _of(series: Series, points: Sequence[Point], value: Value) -> dict[int, float]:
    """Return a series by its numbers of jobs; a log axis has no place for a value of 0."""
    return {
        point.jobs: value(point)
        for point in sorted(points, key=lambda point: point.jobs)
        if point.series is series and value(point) > 0
    }


def _add(
    parts: FigureParts, series: Series, points: Sequence[Point], value: Value, text: Text
) -> None:
    found, look = _of(series, points, value), LINES[series]
    parts.traces.append(
        {
            "type": "scatter",
            "x": list(found),
            "y": list(found.values()),
            "mode": "lines+markers",
            "line": {"color": look.colour(parts.style), "width": 2.5},
            "marker": {
                "symbol": look.symbol,
                "size": parts.style.mark_px(MARKER_PX),
                "color": look.colour(parts.style),
            },
            "name": series.text,
            "legendgroup": series,
            "showlegend": True,
            # Plotly has no format that changes its unit with the size of a number.
            "customdata": [text(each) for each in found.values()],
            "hovertemplate": "%{x:,}: %{customdata}<extra>" + series.text + "</extra>",
        }
    )


def _add_99th(parts: FigureParts, series: Series, points: Sequence[Point]) -> None:
    found, look = _of(series, points, lambda point: point.late_99_ns / NS_PER_MS), LINES[series]
    parts.traces.append(
        {
            "type": "scatter",
            "x": list(found),
            "y": list(found.values()),
            "mode": "lines",
            "line": {"color": look.colour(parts.style), "width": 1.5, "dash": "dash"},
            "name": _("{series}, 99%").format(series=series.text),
            "legendgroup": series,
            "showlegend": False,
            "customdata": [_milliseconds(each) for each in found.values()],
            "hovertemplate": _("%{x:,}: 99% within %{customdata}") + "<extra></extra>",
        }
    )


def _add_legend_of_ideal(parts: FigureParts) -> None:
    parts.traces.append(
        {
            "type": "scatter",
            "x": [None],
            "y": [None],
            "mode": "lines",
            "line": {"color": parts.style.ideal_line, "dash": "dot", "width": 1.5},
            "name": _("ideal"),
            "showlegend": True,
        }
    )


def _empty(quantity: str, height_px: int, sweep: Sweep, style: Style) -> FigureParts:
    font = style.font(TEXT_PX)
    # A `dtick` of 1 is a decade on a log axis: Plotly would write 2 and 5 between them, too.
    axis = {"type": "log", "tickfont": font, "fixedrange": True, "dtick": 1, "showgrid": True}
    limits = (1 / AIR, sweep.largest * AIR)
    parts = FigureParts(style=style)
    parts.layout.update(
        style.plotly_font(),
        height=style.height_px(height_px),
        margin=style.margin(sides_px=(MARGIN_PX, MARGIN_PX), ends_px=(MARGIN_PX, MARGIN_PX)),
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": font},
        hoverlabel={"font": {"size": style.text_px(TEXT_PX)}},
        # The low charts stand below the tall one, whose legend is theirs.
        showlegend=height_px == TALL_PX,
        xaxis=axis
        | {
            "title": {"text": _("jobs"), "font": font},
            "range": [math.log10(each) for each in limits],
            "tickformat": ",",
        },
        yaxis=axis | {"title": {"text": quantity, "font": font}, "tickformat": ",~g"},
    )
    return parts
