"""The wall times of all runs on one scale, each with its ideal."""

from collections.abc import Sequence

from core.analysis.summary import compared_text, run_name
from core.charts.axis import TimeAxis
from core.charts.figure import Plot
from core.charts.layout import Group, Section, as_text
from core.charts.panel import Panel
from core.charts.style import GUESS_RANK, GUESSED, QUIET
from core.spec.ideal import ideal
from core.text.language import NS_PER_S, _, duration_text, number_text
from core.timeline.timeline import Timeline

ROW_PX, TITLE_PX, TEXT_PX = 78, 34, 13
BAR = 0.22
BELOW_BAR = 0.19
"""The height of a bar, and how far below its middle its ideal stands, as shares of a row."""


def wall_times(panels: Sequence[Panel]) -> Group:
    """Return the bars of the wall times."""
    end_ns = max(panel.end_ns for panel in panels)
    axis = TimeAxis(end_ns=end_ns)

    def draw(plot: Plot) -> None:
        _add_bars(plot, panels)
        _add_ideals(plot, panels)
        _add_guesses(plot, panels)
        for row, (panel, name) in enumerate(zip(panels, names_of(panels), strict=True)):
            _add_text(plot, row, wall_text(panel, panels[0].timeline, name))
        plot.update_y(range=[len(panels) - 0.65, -0.85], showticklabels=False, showgrid=False)

    heading = _("Wall times on one scale")
    section = Section(
        height_px=ROW_PX * len(panels),
        gap_px=TITLE_PX,
        draw=draw,
        title=f"<b>{heading}</b>",
    )
    return Group(sections=[section], axis=axis)


def _measured_ns(panel: Panel) -> int:
    return panel.timeline.wall_ns if panel.timeline else 0


def _add_bars(plot: Plot, panels: Sequence[Panel]) -> None:
    plot.add(
        {
            "type": "bar",
            "orientation": "h",
            "base": [0] * len(panels),
            "x": [_measured_ns(panel) / plot.axis.unit_ns for panel in panels],
            "y": list(range(len(panels))),
            "name": _("wall time"),
            "width": BAR,
            "marker": {"color": QUIET},
            "showlegend": False,
            "hoverinfo": "skip",
        }
    )


def _add_ideals(plot: Plot, panels: Sequence[Panel]) -> None:
    bests = [ideal(panel.spec).wall_ns for panel in panels]
    plot.add(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [best / plot.axis.unit_ns for best in bests],
            "y": [row + BELOW_BAR for row in range(len(panels))],
            "marker": {"symbol": "triangle-up", "size": plot.style.mark_px(9), "color": QUIET},
            "showlegend": False,
            "customdata": [duration_text(best) for best in bests],
            "hovertemplate": _("ideal: {time}").format(time="%{customdata}") + "<extra></extra>",
        }
    )


def _add_guesses(plot: Plot, panels: Sequence[Panel]) -> None:
    guesses = [(row, panel.guess_ns) for row, panel in enumerate(panels) if panel.guess_ns]
    if not guesses:
        return
    rows, times_ns = zip(*guesses, strict=True)
    plot.add(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [time_ns / plot.axis.unit_ns for time_ns in times_ns],
            "y": list(rows),
            "marker": {"symbol": "star", "size": plot.style.mark_px(13), "color": GUESSED},
            "hovertemplate": _("your guess") + ": %{x:.4~g}<extra></extra>",
        }
        | plot.in_legend(_("your guess"), GUESS_RANK)
    )


def _add_text(plot: Plot, row: int, text: str) -> None:
    plot.note(
        text=text,
        x=0,
        xanchor="left",
        y=row - BAR / 2 - 0.05,
        yanchor="bottom",
        align="left",
        font={"size": plot.style.text_px(TEXT_PX)},
    )


def names_of(panels: Sequence[Panel]) -> list[str]:
    """Return the shortest name of each run that tells it from the others, for narrow screens.

    What else a run uses stands in its own title below.
    """
    patterns = [panel.spec.pattern for panel in panels]
    return [
        pattern if patterns.count(pattern) == 1 else run_name(panel.spec)
        for pattern, panel in zip(patterns, panels, strict=True)
    ]


def wall_text(panel: Panel, baseline: Timeline | None, name: str) -> str:
    """Return what stands above the bar of a run that is called so, as Plotly's own HTML."""
    name = as_text(name)
    timeline = panel.timeline
    best = _("ideally {ideal}").format(ideal=duration_text(ideal(panel.spec).wall_ns))
    if timeline is None:
        return f"{name}<br>{best}"
    wall = f"<b>{duration_text(timeline.wall_ns)}</b>"
    if not timeline.finished:
        return f"{name}<br>" + _("{wall} so far").format(wall=wall)
    first = f"{name} · {_rate(timeline)}"
    compared = compared_text(timeline, None if timeline is baseline else baseline)
    return first + "<br>" + " · ".join(filter(None, [wall, compared, best]))


def _rate(timeline: Timeline) -> str:
    rate = len(timeline.jobs) * NS_PER_S / max(1, timeline.wall_ns)
    return _("{rate} jobs/s").format(rate=number_text(rate, ",.0f" if rate >= 10 else ".2g"))
