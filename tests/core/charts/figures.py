"""What a chart's figure holds, read back as plain data."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any, ParamSpec

import numpy as np
import plotly.graph_objects as go

from core.analysis.span_classes import BLOCKING, span_classes
from core.charts import chart as chart_module
from core.charts import layout as layout_module
from core.charts.axis import PLACES, PlotAxes, TimeAxis
from core.charts.density import Detail
from core.charts.figure import USUAL, FigureParts, Plot, Style
from core.charts.layout import Section
from core.charts.panel import Panel, RunInView
from core.charts.strips import STRIPS, Strip
from core.spec.run_spec import RunSpec
from core.text.language import NS_PER_MS
from core.timeline.timeline import State, Timeline

STATE_NAMES = [
    *(look.name for look in span_classes().values()),
]


Given = ParamSpec("Given")


def figured(make: Callable[Given, FigureParts]) -> Callable[Given, go.Figure]:
    """Return a function that makes the figure of the parts which another one makes."""

    @wraps(make)
    def made(*given: Given.args, **by_name: Given.kwargs) -> go.Figure:
        return make(*given, **by_name).figure()

    return made


draw = figured(chart_module.draw)
exact = figured(partial(chart_module.drawn, detail=None))


def dense(panels: Sequence[Panel], **how: Any) -> go.Figure:
    """Return the figure of runs whose lanes are sums, however few spans they have."""
    return chart_module.drawn(panels, Detail.of_each(len(panels)), **how).figure()


laid_out = figured(layout_module.laid_out)


def plot_on(axis: TimeAxis, style: Style = USUAL) -> Plot:
    """Return an empty plot on a time axis, the first of a figure."""
    return Plot(
        parts=FigureParts(layout={"xaxis": {}, "yaxis": {}}, style=style), axis=axis, x="x", y="y"
    )


def drawn(section: Section, axis: TimeAxis) -> FigureParts:
    """Return the parts of a figure that has one section."""
    plot = plot_on(axis)
    section.draw(plot)
    return plot.parts


def strip_sections(strip: Strip, run: Timeline | None) -> list[Section]:
    """Return the sections of a strip below exact bars of a run, or of one yet to come."""
    spec = run.program if run else RunSpec(pattern="gather", tasks=1, sleep_s=0.01)
    panel = Panel(program=spec, title="a run", timeline=run)
    return STRIPS[strip](RunInView(panel=panel, timeline=run))


def strip_of(strip: Strip, run: Timeline | None, axis: TimeAxis | None = None) -> go.Figure:
    """Return the figure of such a strip alone, on an axis of the whole run if none is given."""
    (section,) = strip_sections(strip, run)
    whole = TimeAxis(end_ns=run.end_ns if run else 0)
    return drawn(section, axis or whole).figure()


def axis_name(place: int, letter: str = "y") -> str:
    """Return what Plotly calls the axis of the plot at a place, counted from 1."""
    return letter if place == 1 else f"{letter}{place}"


def traces(figure: go.Figure, *, place: int = 1, kind: str | None = None) -> list[Any]:
    """Return the traces of one plot of a figure, in the order in which they are painted."""
    return [
        trace
        for trace in figure.data
        if (trace.yaxis or "y") == axis_name(place) and kind in (None, trace.type)
    ]


def named(figure: go.Figure, name: str, *, place: int = 1) -> Any:
    """Return the one trace of a plot with a name."""
    (found,) = [trace for trace in traces(figure, place=place) if trace.name == name]
    return found


def names(figure: go.Figure, *, place: int = 1) -> list[str]:
    """Return the names of a plot's traces that have one."""
    return [trace.name for trace in traces(figure, place=place) if trace.name]


def span_traces(figure: go.Figure, *, place: int = 1) -> list[Any]:
    """Return the traces of a plot that draw spans."""
    return [trace for trace in traces(figure, place=place) if trace.name in STATE_NAMES]


def intervals(trace: Any, *, unit_ns: int = NS_PER_MS) -> list[tuple[int, int, int]]:
    """Return the row, start and end in nanoseconds of each bar of a trace."""
    starts = np.asarray(trace.base, dtype=float) * unit_ns
    ends = starts + np.asarray(trace.x, dtype=float) * unit_ns
    columns = (
        np.asarray(each, dtype=float).round().astype(int).tolist()
        for each in (trace.y, starts, ends)
    )
    return list(zip(*columns, strict=True))


def drawn_ns(figure: go.Figure, *, place: int = 1, unit_ns: int = NS_PER_MS) -> dict[str, float]:
    """Return the time that a plot shows in each state; what is blocking counts as running."""
    total: defaultdict[str, float] = defaultdict(float)
    for trace in span_traces(figure, place=place):
        is_blocking = trace.name == span_classes()[BLOCKING].name
        name = span_classes()[State.RUNNING].name if is_blocking else trace.name
        total[name] += float(np.asarray(trace.x).sum()) * unit_ns
    return dict(total)


def recorded_ns(timeline: Timeline) -> dict[str, float]:
    """Return the time of all jobs in each state that occurs."""
    spans = timeline.spans
    return {
        span_classes()[state].name: float(spans.duration_ns[spans.state == state].sum())
        for state in State
        if (spans.state == state).any()
    }


def bars(figure: go.Figure) -> int:
    """Return how many bars stand for spans in a whole figure."""
    return sum(len(trace.x) for trace in figure.data if trace.name in STATE_NAMES)


def rows(figure: go.Figure, *, place: int = 1) -> Sequence[str]:
    """Return the labels of a plot's rows."""
    labels: Sequence[str] = figure.layout[f"yaxis{place if place > 1 else ''}"].ticktext
    return labels


def legend(figure: go.Figure) -> list[str]:
    """Return the entries of a figure's legend."""
    return [trace.name for trace in figure.data if trace.showlegend is not False]


def end_lines(figure: go.Figure) -> list[tuple[float, str]]:
    """Return the position and the axis of each dashed vertical line."""
    return [
        (trace.x[0], trace.xaxis)
        for trace in figure.data
        if trace.type == "scatter" and trace.line.dash == "dash" and trace.x[0] == trace.x[1]
    ]


def axes_of(figure: go.Figure) -> dict[str, PlotAxes]:
    """Return what the axes of each plot of a figure mean, by the axes' names."""
    found = (figure.layout.meta or {}).get(PLACES, {})
    return {
        name: PlotAxes(**axes | {"numbers": tuple(axes["numbers"])}) for name, axes in found.items()
    }
