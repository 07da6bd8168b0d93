"""The sweep panel: what is swept, and the page's link."""

import streamlit as st

from core.sweep.points import LARGEST, Series, Sweep
from core.text.language import _
from core.text.numbers import NS_PER_MS, duration_text, number_text
from pages.components import buttons, share
from pages.components.link import Link
from pages.components.markdown_text import escaped
from pages.components.page_layout import PageLayout
from pages.components.session_runs import SessionRuns

FIRST_LARGEST, FIRST_SLEEP_MS = 1_000, 100
SLEEPS_MS = (10, 20, 50, 100, 200, 500, 1_000, 2_000)
FIRST_SERIES = tuple(Series)


def show(link: Link, runs: SessionRuns, layout: PageLayout) -> Sweep:
    """Show the controls of a sweep, start what the link asks for, and return what they ask for."""
    sweep = _asked(link, layout)
    page = link.page
    with layout.switches:
        shared = buttons.link(page)
    if sweep.series and link.starts_run:
        runs.sweep(page, sweep)
    if not sweep.series:
        st.error(_("Choose at least one series."))
    link.write()
    for note in link.notes:
        st.warning(escaped(note))
    if shared:
        share.show(link)
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
    with layout.tasks:
        largest = st.select_slider(
            _("Tasks at most"),
            LARGEST,
            FIRST_LARGEST,
            format_func=number_text,
            key=link.one_of("tasks", {str(each): each for each in LARGEST}, FIRST_LARGEST),
            persist_state="session",
            help=_("The largest number of jobs; a series that meets a limit ends there."),
        )
    with layout.length:
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
