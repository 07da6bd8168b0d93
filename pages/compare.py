"""Compare: race patterns with the same jobs on one time axis."""

import streamlit as st

from core.text.language import _
from pages.components import (
    code_view,
    controls,
    entry,
    language,
    lecture_keys,
    link,
    look,
    page_layout,
    result_view,
    run_panel,
)
from pages.components.session_runs import session_runs

entry.ensure_app()
language.follow()
if not look.is_projected():
    st.title(_("What was each task doing, when, and why did it wait?"))
here = link.begin("compare")
layout = page_layout.laid_out()
request = controls.race(here, layout)
viewing = run_panel.show(here, request, session_runs(), layout)
result_view.show(
    "compare", request.specs, session_runs(), at=layout.buttons, viewing=viewing, strips=[]
)
if not look.is_projected():
    code_view.show_folded(request.specs)
lecture_keys.show(here)
