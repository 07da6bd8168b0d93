"""The chart of a page: its panels, their titles, and what it leaves out."""

from collections.abc import Sequence

import streamlit as st

from core.charts import chart
from core.charts.boxes import places_of
from core.charts.lanes import LaneView
from core.charts.panel import Panel
from core.charts.projected import project
from core.charts.strips import Strip
from core.explain import details_text, explain, factor_text
from core.ideal import ideal
from core.metrics import speed_up
from core.running.measurement import Measurement
from core.spec import RunSpec
from core.timeline import Timeline
from core.units import duration_text
from core.words import _
from pages.components import projector, zoom
from pages.components.guessing import Guessed
from pages.components.run_panel import Viewing

DETAILS_PX = 12


def show(
    page: str,
    specs: Sequence[RunSpec],
    measurements: Sequence[Measurement],
    viewing: Viewing,
    *,
    strips: Sequence[Strip],
    growing: bool = False,
) -> None:
    """Show the chart of a page: what is measured of its runs, over the ideal of each.

    It is called in a fragment, so that a zoom draws the chart and nothing else.
    """
    panels = _panels(specs, measurements, viewing.guessed)
    at = zoom.begin(page, specs, growing=growing)
    end_ns = max(panel.end_ns for panel in panels)
    zoom.show(at, end_ns, jobs=viewing.lanes is LaneView.JOBS, growing=growing)
    figure = chart.draw(
        panels, view=viewing.lanes, strips=strips, ink=projector.ink(), window=at.window
    )
    if projector.is_on():
        project(figure)
    at.places = places_of(figure)
    touched = zoom.is_touched()
    figure.update_layout(dragmode=False if touched else "select")
    st.plotly_chart(
        figure,
        key=at.chart_key,
        on_select="ignore" if touched else at.take_box,
        selection_mode="box",
        config={"displayModeBar": False},
        alt=explain(finished(measurements)) or _("The ideal schedule of each run."),
    )


def _panels(
    specs: Sequence[RunSpec], measurements: Sequence[Measurement], guessed: Guessed
) -> list[Panel]:
    if not measurements:
        return [Panel(spec=spec, title=_title(spec)) for spec in specs]
    baseline = measurements[0].timeline()
    return [
        Panel(
            spec=each.spec,
            title=_title(each.spec, each, baseline),
            timeline=each.timeline(),
            guess_ns=guess.wall_ns if (guess := guessed.times.get(each.spec)) else None,
        )
        for each in measurements
    ]


def _title(
    spec: RunSpec, measurement: Measurement | None = None, baseline: Timeline | None = None
) -> str:
    """Return what stands above a run: its time, and below that in small what it used."""
    details = details_text(spec)
    small = f'<br><span style="font-size:{DETAILS_PX}px">{details}</span>' if details else ""
    return _headline(spec, measurement, baseline) + small


def _headline(spec: RunSpec, measurement: Measurement | None, baseline: Timeline | None) -> str:
    name = f"<b>{spec.pattern}</b>"
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
    factor = speed_up(timeline, baseline)
    told = "" if factor is None else f", {factor_text(factor)}"
    return f"{name} — {wall}{told}"


def finished(measurements: Sequence[Measurement]) -> list[Timeline]:
    """Return the timelines of the runs that came to their end."""
    timelines = [each.timeline() for each in measurements]
    return [each for each in timelines if each is not None and each.finished]
