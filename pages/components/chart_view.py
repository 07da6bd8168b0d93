"""The chart of a page: its panels, their titles, and what it leaves out."""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts import chart
from core.charts.lanes import LaneView
from core.charts.layout import spare_lines
from core.charts.panel import Panel, panels_of, title
from core.measuring.measurement import Measurement
from core.spec.run_spec import RunSpec
from core.text.language import _
from core.timeline.timeline import Timeline
from pages.components import language, look, zoom
from pages.components.guessing import Guessed
from pages.components.markdown_text import escaped, unbroken
from pages.components.run_panel import RunView


def show(
    view: RunView, measurements: Sequence[Measurement], *, summary: str, growing: bool = False
) -> None:
    """Show the chart of a page: what is measured of its runs, over the ideal of each.

    It is called in a fragment, so that a zoom draws the chart and nothing else. `summary` says in
    words what was measured; empty if nothing has ended yet.
    """
    panels = _panels(view.specs, measurements, view.guessed)
    alt = summary or _("The ideal schedule of each run.")
    _show_panels(view, panels, alt=alt, growing=growing)


def show_finished(view: RunView, timelines: Sequence[Timeline], *, summary: str) -> None:
    """Show the chart of runs that have ended, in a fragment as above."""
    chart = partial(_show_panels, view, panels_of(timelines), alt=summary)
    st.fragment(language.kept(chart))()


def _show_panels(
    view: RunView, panels: Sequence[Panel], *, alt: str, growing: bool = False
) -> None:
    """Show the chart of some panels; `alt` says in words what it shows."""
    page, lanes = view.page, view.lanes
    at = zoom.begin(page, panels, growing=growing)
    end_ns = max(panel.end_ns for panel in panels)
    zoom.show(at, end_ns, jobs=lanes is LaneView.JOBS, growing=growing, menu=view.menu)
    style = look.chart_style()
    parts = chart.draw(panels, view=lanes, strips=view.strips, style=style, window=at.window)
    at.axes = parts.axes
    touched = zoom.is_touched()
    parts.layout["dragmode"] = False if touched else "select"
    # A server does not know how wide a chart will be, and Plotly lets a legend that takes more
    # lines run into the titles. So a chart has the lines that a phone needs, and `look.css` takes
    # back those that stay empty on a laptop: their number is in the name of the container.
    with st.container(key=f"{page} spare lines {spare_lines(list(parts.named))}"):
        st.plotly_chart(
            parts.plain_figure(),
            key=at.chart_key,
            on_select="ignore" if touched else at.take_box,
            selection_mode="box",
            config={"displayModeBar": True, "modeBarButtons": [["toImage"]], "displaylogo": False},
            alt=alt,
        )


def _panels(
    specs: Sequence[RunSpec], measurements: Sequence[Measurement], guessed: Guessed
) -> list[Panel]:
    if not measurements:
        return [Panel(program=spec, title=title(spec)) for spec in specs]
    baseline = measurements[0].timeline()
    return [
        Panel(
            program=each.spec,
            title=title(
                each.spec,
                each.timeline(),
                baseline if place else None,
                ended_early=each.error is not None,
            ),
            timeline=each.timeline(),
            guess_ns=guess.wall_ns if (guess := guessed.times.get(each.spec)) else None,
        )
        for place, each in enumerate(measurements)
    ]


def said() -> DeltaGenerator:
    """Return the place of what is said of a chart, right above it.

    It has room also while it is empty, so that the chart stays where it is; see `look.css`.
    """
    return st.container(key="said")


def show_sentence(summary: str) -> None:
    """Show what was measured, in words."""
    if summary:
        st.markdown(unbroken(f"**{escaped(summary)}**"))


def finished(measurements: Sequence[Measurement]) -> list[Timeline]:
    """Return the timelines of the runs that came to their end."""
    timelines = [each.timeline() for each in measurements]
    return [each for each in timelines if each is not None and each.finished]
