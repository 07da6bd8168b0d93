"""Open a run file: a result of another day or another machine in the same view, or two at once."""

import streamlit as st

from core.analysis.summary import explain
from core.text.language import _
from pages.components import finished_view, folding, look, opened_files, result_view, run_panel
from pages.components.frame import framed, show_folded_code, show_title
from pages.components.link import finish
from pages.components.run_panel import RunView

with framed("open_file") as here:
    lanes_key = run_panel.lanes_key(here)
    show_title(_("Open a run file"))
    timelines = opened_files.ask(here.page)
    if timelines:
        with look.open_menu():
            lanes = run_panel.lane_view(lanes_key)
            fold, menu = folding.ask(here.page, timelines), st.container()
        view = RunView(
            page=here.page,
            specs=tuple(each.spec for each in timelines if each.spec),
            lanes=lanes,
            menu=menu,
        )
        summary = explain(timelines)
        with result_view.said():
            result_view.show_sentence(summary)
        result_view.show_finished_chart(view, timelines, summary=summary, fold=fold)
        finished_view.show(view, timelines)
        show_folded_code(view.specs)
    finish(here)
