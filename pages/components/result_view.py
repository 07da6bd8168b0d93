"""The result view: the chart of what is asked for and measured, and everything below it.

Run, Stop, the chart and what is said of it are one fragment, so a press of Run draws the runs and
not the page; whatever moves the settings draws the whole page.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analysis.metrics import tells_of_its_pattern
from core.analysis.summary import explain
from core.measuring.comparison import batches
from core.measuring.measurement import Measurement
from core.measuring.turns import CALM_S, PAINT_LIMIT_S
from core.spec.ideal import NS_PER_S, ideal
from core.spec.run_spec import RunSpec
from core.text.language import _
from core.timeline.timeline import Timeline
from pages.components import (
    chart_view,
    finished_view,
    language,
    run_panel,
)
from pages.components.markdown_text import escaped
from pages.components.run_panel import RunView
from pages.components.session_runs import SessionRuns

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
        run_panel.run_and_stop(
            at, view.page, runs, measure=measure, ready=view.is_ready, missing=view.missing
        )
        if view.is_ready:
            _runs(view, runs)

    st.fragment(language.kept(fragment))()


def _runs(view: RunView, runs: SessionRuns) -> None:
    page, specs = view.page, view.specs
    running, awaits_paint = runs.is_running(page), runs.awaits_paint(page)
    measurements = _of(specs, runs.measurements(page))
    run_panel.show_waiting(runs.starting(page), runs.waiting(page))
    timelines = chart_view.finished(measurements)
    summary = explain(timelines)
    with chart_view.said():
        if not measurements:
            st.info(_("The outline is the ideal schedule. Press Run to measure."))
        elif awaits_paint:
            st.info(
                _("The outline is the ideal schedule. Measuring begins when the page is at rest.")
            )
        elif not running:
            _show_errors(measurements)
            chart_view.show_sentence(summary)
    chart = partial(chart_view.show, view, measurements, summary=summary)
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
    return sum(max(ideal(spec).wall_ns for spec in batch) for batch in batches(specs)) / NS_PER_S


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
