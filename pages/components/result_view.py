"""The result view: the chart of what is asked for and measured, and everything below it.

Run, Stop, the chart and what is said of it are one fragment, so a press of Run draws the runs and
not the page; whatever moves the settings draws the whole page.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analysis.metrics import tells_of_its_pattern
from core.analysis.side_by_side import run_names
from core.analysis.summary import explain
from core.analysis.task_tree import ALL, Fold
from core.charts import chart
from core.charts.lanes import LaneView
from core.charts.layout import spare_lines
from core.charts.panel import Panel, panels_of, title
from core.measuring.comparison import batches
from core.measuring.measurement import Measurement
from core.measuring.turns import CALM_S, PAINT_LIMIT_S
from core.spec.ideal import NS_PER_S, schedule
from core.spec.run_spec import RunSpec
from core.text.language import _
from core.timeline.timeline import Timeline
from pages.components import (
    finished_view,
    language,
    look,
    run_panel,
    zoom,
)
from pages.components.look import escaped, unbroken
from pages.components.run_panel import Guessed, RunView
from pages.components.session_runs import SessionRuns


def show_chart(
    view: RunView, measurements: Sequence[Measurement], *, summary: str, growing: bool = False
) -> None:
    """Show the chart of a page: what is measured of its runs, over the ideal of each.

    It is called in a fragment, so that a zoom draws the chart and nothing else. `summary` says in
    words what was measured; empty if nothing has ended yet.
    """
    panels = _panels(view.specs, measurements, view.guessed)
    alt = summary or _("The ideal schedule of each run.")
    _show_panels(view, panels, alt=alt, growing=growing)


def show_finished_chart(
    view: RunView, timelines: Sequence[Timeline], *, summary: str, fold: Fold = ALL
) -> None:
    """Show the chart of runs that have ended, in a fragment as above, and what it folds away."""
    panels = panels_of(timelines, fold)
    chart = partial(_show_panels, view, panels, alt=summary)
    st.fragment(language.kept(chart))()
    if folded := _folded_text(panels):
        st.caption(unbroken(escaped(folded)))


def _folded_text(panels: Sequence[Panel]) -> str:
    names = run_names([panel.program for panel in panels])
    texts = [
        text if len(panels) == 1 else f"{name}: {text}"
        for name, panel in zip(names, panels, strict=True)
        if panel.rows is not None and (text := panel.rows.folded_text())
    ]
    return " ".join(texts)


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


REFRESH_S, SLOWEST_REFRESH_S = 0.25, 1.0
JOBS_AT_FULL_RATE = 60
UNSEEN_UP_TO_S = 3.0
"""Drawing a run disturbs it: the first ones of a page, if short, are drawn when they have ended."""
MARGIN_S = 0.1
BRIEF_LIMIT_S = 0.5
"""A browser dims what it shows once a script has run for so long and not drawn it anew."""


def show(view: RunView, runs: SessionRuns, *, at: DeltaGenerator) -> None:
    """Show a page's runs, growing while they are measured, and the ideal of what is not.

    What starts and ends them stands `at` a place of its own.
    """

    def measure() -> None:
        runs.measure(view.page, view.specs)
        runs.wait(view.page, _brief_s(view.specs))

    def fragment() -> None:
        # A fragment inside of this one may write only where it did in the last run of the page, or
        # in what this one has made: the chart's is another one as soon as something stands above it
        # that was not there before (Streamlit 1.67).
        menu = view.menu.container()
        run_panel.run_and_stop(
            at, view.page, runs, measure=measure, ready=view.is_ready, missing=view.missing
        )
        if view.is_ready:
            _runs(replace(view, menu=menu), runs)

    st.fragment(language.kept(fragment))()


def _runs(view: RunView, runs: SessionRuns) -> None:
    page, specs = view.page, view.specs
    running, awaits_paint = runs.is_running(page), runs.awaits_paint(page)
    measurements = _of(specs, runs.measurements(page))
    run_panel.show_waiting(runs.starting(page), runs.waiting(page))
    timelines = finished(measurements)
    summary = explain(timelines)
    with said():
        if not measurements:
            st.info(_("The outline is the ideal schedule. Press Run to measure."))
        elif awaits_paint:
            st.info(
                _("The outline is the ideal schedule. Measuring begins when the page is at rest.")
            )
        elif not running:
            _show_errors(measurements)
            show_sentence(summary)
    chart = partial(show_chart, view, measurements, summary=summary)
    st.fragment(language.kept(chart))(growing=running)
    if measurements and not running:
        again = partial(runs.measure, page, specs)
        _outcome(view, timelines, again=language.kept(again))
    if awaits_paint:
        run_panel.refresh_after(page, PAINT_LIMIT_S, painted=partial(runs.painted, page))
    elif running:
        at_rest = measurements if runs.is_at_rest(page) else ()
        run_panel.refresh_after(page, _refresh_s(specs, at_rest))


def _refresh_s(specs: Sequence[RunSpec], at_rest: Sequence[Measurement]) -> float:
    """Return when to draw again: the browser must have time for other things, and runs at rest."""
    jobs = sum(spec.tasks for spec in specs)
    usual_s = min(SLOWEST_REFRESH_S, REFRESH_S * max(1.0, jobs / JOBS_AT_FULL_RATE))
    all_s = _ideal_s(specs)
    if not at_rest or all_s > UNSEEN_UP_TO_S:
        return usual_s
    return max(usual_s, all_s - _under_way_s(at_rest) + MARGIN_S)


def _brief_s(specs: Sequence[RunSpec]) -> float:
    """Return how long a press of Run waits for runs before anything is drawn of them, at most.

    Runs that should end before their first refresh are drawn once instead of twice: a rerun takes
    some 15 ms of the server's processors, and drawing disturbs what is measured. Whatever takes
    longer is shown at once, as it grows.
    """
    return BRIEF_LIMIT_S if _ideal_s(specs) < REFRESH_S else 0.0


def _ideal_s(specs: Sequence[RunSpec]) -> float:
    return sum(max(schedule(spec).wall_ns for spec in batch) for batch in batches(specs)) / NS_PER_S


def _under_way_s(measurements: Sequence[Measurement]) -> float:
    """Return for how long runs have been under way; negative if they have to wait for rest."""
    started_ns = [each.started_ns for each in measurements if each.started_ns is not None]
    if not started_ns:
        return -CALM_S
    return (time.perf_counter_ns() - min(started_ns)) / NS_PER_S


def _of(specs: Sequence[RunSpec], measurements: Sequence[Measurement]) -> list[Measurement]:
    """Return the measurements if they are those of the specs; none if the controls have moved."""
    if [each.spec for each in measurements] == list(specs):
        return list(measurements)
    return []


def _outcome(view: RunView, timelines: Sequence[Timeline], *, again: Callable[[], None]) -> None:
    if timelines:
        if not all(tells_of_its_pattern(each) for each in timelines):
            run_panel.again(view.page, measure=again)
        finished_view.show(view, timelines)


def _show_errors(measurements: Sequence[Measurement]) -> None:
    """Show why runs ended early, and the patterns of the runs to which each happened."""
    errors: dict[str, list[str]] = {}
    for measurement in measurements:
        if measurement.error is not None:
            errors.setdefault(str(measurement.error), []).append(measurement.spec.pattern)
    for error, patterns in errors.items():
        st.error(escaped(f"{', '.join(patterns)}: {error}"))
