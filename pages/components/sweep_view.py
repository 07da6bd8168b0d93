"""A sweep on its page: its controls, its charts, growing while it runs, and what they say."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Protocol

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.figure import FigureParts, Style
from core.charts.sweep import lateness, makespan, memory, processor, startup
from core.sweep import LARGEST, Point, Series, Sweep, point_columns, summary
from core.sweep.conductor import Conductor, end_text
from core.text.language import NS_PER_MS, _, duration_text, ngettext, number_text
from pages.components import language, look, result_view, run_panel
from pages.components.link import Link, finish, link_button
from pages.components.look import PageLayout, escaped
from pages.components.session_runs import SessionRuns

FIRST_LARGEST, FIRST_SLEEP_MS = 1_000, 100
SLEEPS_MS = (10, 20, 50, 100, 200, 500, 1_000, 2_000)
FIRST_SERIES = tuple(Series)


def controls(link: Link, runs: SessionRuns, layout: PageLayout) -> Sweep:
    """Show the controls of a sweep, start what the link asks for, and return what they ask for."""
    sweep = _asked(link, layout)
    page = link.page
    with layout.switches:
        shared = link_button(link)
    if sweep.series and link.starts_run:
        runs.sweep(page, sweep)
    if not sweep.series:
        st.error(_("Choose at least one series."))
    finish(link, shared=shared)
    return sweep


def _asked(link: Link, layout: PageLayout) -> Sweep:
    with layout.choices:
        chosen = st.pills(
            _("What carries the jobs"),
            list(Series),
            selection_mode="multi",
            default=list(FIRST_SERIES),
            format_func=lambda series: series.text,
            key=link.some_of("series", list(Series), FIRST_SERIES),
            persist_state="session",
            help=_("Each is measured with 1, 3, 10, 30, ... jobs, run after run."),
        )
    with layout.bar:
        largest = st.select_slider(
            _("Tasks at most"),
            LARGEST,
            FIRST_LARGEST,
            format_func=number_text,
            key=link.one_of("tasks", {str(each): each for each in LARGEST}, FIRST_LARGEST),
            persist_state="session",
            help=_("The largest number of jobs; a series that meets a limit ends there."),
        )
        sleep_ms = st.select_slider(
            _("Sleep"),
            SLEEPS_MS,
            FIRST_SLEEP_MS,
            format_func=lambda each: duration_text(each * NS_PER_MS),
            key=link.one_of("sleep", {str(each): each for each in SLEEPS_MS}, FIRST_SLEEP_MS),
            persist_state="session",
            help=_("How long each job sleeps."),
        )
    series = tuple(each for each in Series if each in chosen)
    return Sweep(series=series, sleep_s=sleep_ms / 1_000, largest=largest)


REFRESH_S = 1.0
A_ROW = 2
CHART_CONFIG = {"displayModeBar": False}


class Draw(Protocol):
    """A chart of a sweep."""

    __name__: str

    def __call__(self, sweep: Sweep, points: Sequence[Point], style: Style) -> FigureParts:
        """Return the figure's parts."""


def show(page: str, sweep: Sweep, runs: SessionRuns, *, at: DeltaGenerator) -> None:
    """Show what was swept for a page; before that, the ideal of what the controls ask for.

    What starts and ends it stands `at` a place of its own.
    """
    ready = bool(sweep.series)
    measure = partial(runs.sweep, page, sweep)

    def view() -> None:
        run_panel.run_and_stop(at, page, runs, measure=measure, ready=ready)
        if ready:
            _view(page, sweep, runs)

    st.fragment(language.kept(view))()


def _view(page: str, sweep: Sweep, runs: SessionRuns) -> None:
    running = runs.is_running(page)
    conductor = runs.swept(page)
    if conductor is None or (conductor.sweep != sweep and not running):
        with result_view.said():
            st.info(_("The dotted lines are the ideal. Press Run to measure."))
        _makespan(page, sweep, ())
    else:
        with result_view.said():
            _progress(conductor)
            result_view.show_sentence(summary(conductor.points, conductor.sweep.sleep_s))
        _makespan(page, conductor.sweep, conductor.points)
        _ends(conductor)
        if conductor.points:
            _costs(page, conductor)
            _table(page, conductor)
    if running:
        run_panel.refresh_after(page, REFRESH_S)


def _progress(conductor: Conductor) -> None:
    if conductor.stopped:
        text = _("Stopped: {done:,} of {all:,} points")
        st.info(text.format(done=len(conductor.points), all=len(conductor.sweep.runs)))
        return
    measuring = conductor.measuring
    if measuring is None:
        return
    run_panel.show_waiting(conductor.starting, conductor.waiting)
    series, jobs = measuring
    text = ngettext(
        "{series}: {jobs:,} job … about {seconds:,} s to go",
        "{series}: {jobs:,} jobs … about {seconds:,} s to go",
        jobs,
    )
    seconds = max(1, math.ceil(conductor.remaining_s))
    st.progress(conductor.share_done, text.format(series=series.text, jobs=jobs, seconds=seconds))


def _ends(conductor: Conductor) -> None:
    for end in conductor.ends:
        show = st.caption if end.is_expected else st.warning
        show(escaped(end_text(end)))


def _costs(page: str, conductor: Conductor) -> None:
    sweep, points = conductor.sweep, conductor.points
    titles = {
        lateness: _("How late jobs wake up (line: median, dashed: 99%)"),
        memory: _("Memory for each job"),
        startup: _("Until all have begun"),
        processor: _("What it used of the processors"),
    }
    places = [place for _row in range(-(-len(titles) // A_ROW)) for place in st.columns(A_ROW)]
    for place, (draw, title) in zip(places, titles.items(), strict=True):
        with place:
            st.markdown(f"**{title}**")
            _chart(page, draw, sweep, points, title)


def _makespan(page: str, sweep: Sweep, points: Sequence[Point]) -> None:
    said = summary(points, sweep.sleep_s) or _("The ideal wall times by the number of jobs.")
    _chart(page, makespan, sweep, points, said)


def _chart(page: str, draw: Draw, sweep: Sweep, points: Sequence[Point], alt: str) -> None:
    figure = draw(sweep, points, look.chart_style()).plain_figure()
    st.plotly_chart(figure, key=f"{page} {draw.__name__}", config=CHART_CONFIG, alt=alt)


def _table(page: str, conductor: Conductor) -> None:
    frame = pd.DataFrame(point_columns(conductor.points))
    with st.expander(_("Table of runs")):
        st.dataframe(frame, hide_index=True)
    st.download_button(
        _("Download the table (CSV)"),
        lambda: frame.to_csv(index=False),
        file_name="scale.csv",
        mime="text/csv",
        key=f"{page} download",
        on_click="ignore",
        disabled=not conductor.ended.is_set(),
    )
