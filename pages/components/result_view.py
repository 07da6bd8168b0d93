"""The result view: the chart of what is asked for and measured, and everything below it."""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.strips import Strip
from core.running.measurement import Measurement
from core.spec import RunSpec
from core.words import _
from pages.components import (
    buttons,
    chart_view,
    finished_view,
    language,
    progress,
    pulse,
)
from pages.components.bench import Bench
from pages.components.plain import plain
from pages.components.run_panel import Viewing

REFRESH_S, SLOWEST_REFRESH_S = 0.25, 1.0
JOBS_AT_FULL_RATE = 60


def show(
    page: str,
    specs: Sequence[RunSpec],
    bench: Bench,
    *,
    at: DeltaGenerator,
    viewing: Viewing,
    strips: Sequence[Strip],
) -> None:
    """Show a page's runs, growing while they are measured, and the ideal of what is not.

    What starts and ends them stands `at` a place of its own.
    """
    ready = bool(specs) and not viewing.guessed.is_waiting
    measure = partial(bench.measure, page, specs)

    def runs() -> None:
        buttons.run_and_stop(at, page, bench, measure=measure, ready=ready)
        if ready:
            _runs(page, specs, bench, viewing, strips)

    st.fragment(language.kept(runs))()


def _runs(
    page: str,
    specs: Sequence[RunSpec],
    bench: Bench,
    viewing: Viewing,
    strips: Sequence[Strip],
) -> None:
    running = bench.is_running(page)
    measurements = _of(specs, bench.measurements(page))
    progress.show(bench.starting(page), bench.waiting(page))
    chart = partial(chart_view.show, page, specs, measurements, viewing, strips=strips)
    st.fragment(language.kept(chart))(growing=running)
    if not measurements:
        st.info(_("The outline is the ideal schedule. Press Run to measure."))
    elif not running:
        _outcome(page, measurements, viewing)
    if running:
        pulse.show(page, _refresh_s(specs))


def _refresh_s(specs: Sequence[RunSpec]) -> float:
    """Return how often a growing chart is drawn: the browser must have time for other things."""
    jobs = sum(spec.tasks for spec in specs)
    return min(SLOWEST_REFRESH_S, REFRESH_S * max(1.0, jobs / JOBS_AT_FULL_RATE))


def _of(specs: Sequence[RunSpec], measurements: Sequence[Measurement]) -> list[Measurement]:
    """Return the measurements if they are those of the specs; none if the controls have moved."""
    if [each.spec for each in measurements] == list(specs):
        return list(measurements)
    return []


def _outcome(page: str, measurements: Sequence[Measurement], viewing: Viewing) -> None:
    for error, patterns in _errors(measurements).items():
        st.error(plain(f"{', '.join(patterns)}: {error}"))
    timelines = chart_view.finished(measurements)
    if timelines:
        finished_view.show(page, timelines, viewing)


def _errors(measurements: Sequence[Measurement]) -> dict[str, list[str]]:
    """Return why runs ended early, and the patterns of the runs to which each happened."""
    errors: dict[str, list[str]] = {}
    for measurement in measurements:
        if measurement.error is not None:
            errors.setdefault(str(measurement.error), []).append(measurement.spec.pattern)
    return errors
