"""Open a run file: a result of another day or another machine in the same view, or two at once."""

from functools import partial

import streamlit as st

from core.charts.titles import panels_of
from core.explain import explain
from core.words import _
from pages.components import arrival, chart_view, code_view, finished_view, language, opened_files
from pages.components.run_panel import lane_view

PAGE = "open_file"

arrival.ensure_app()
language.follow()
st.title(_("Open a run file"))
timelines = opened_files.ask(PAGE)
if timelines:
    lanes = lane_view(f"{PAGE} lanes")
    panels = panels_of(timelines)
    chart = partial(chart_view.show_panels, PAGE, panels, lanes, strips=[], alt=explain(timelines))
    st.fragment(language.kept(chart))()
    finished_view.show(PAGE, timelines)
    code_view.folded([timeline.spec for timeline in timelines])
