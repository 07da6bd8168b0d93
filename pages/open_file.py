"""Open a run file: a result of another day or another machine in the same view, or two at once."""

from functools import partial

import streamlit as st

from core.analysis.summary import explain
from core.charts.panel import panels_of
from core.text.language import _
from pages.components import (
    chart_view,
    code_view,
    entry,
    finished_view,
    language,
    lecture_keys,
    link,
    look,
    opened_files,
)
from pages.components.markdown_text import escaped
from pages.components.run_panel import Viewing, lane_view, lanes_key

PAGE = "open_file"

entry.ensure_app()
language.follow()
here = link.begin(PAGE)
key = lanes_key(here)
if not look.is_projected():
    st.title(_("Open a run file"))
timelines = opened_files.ask(PAGE)
if timelines:
    lanes = lane_view(key)
    panels = panels_of(timelines)
    chart = partial(chart_view.show_panels, PAGE, panels, lanes, strips=[], alt=explain(timelines))
    st.fragment(language.kept(chart))()
    finished_view.show(PAGE, timelines, Viewing(lanes=lanes))
    if not look.is_projected():
        code_view.show_folded([timeline.spec for timeline in timelines])
here.write()
for note in here.notes:
    st.warning(escaped(note))
lecture_keys.show_projector(here)
