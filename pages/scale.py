"""Scale: how coroutines, threads and processes fare as there are more and more of them."""

import streamlit as st

from pages.components import (
    entry,
    language,
    lecture_keys,
    link,
    look,
    page_layout,
    sweep_view,
)
from pages.components.session_runs import session_runs

entry.ensure_app()
text = language.lesson_text("scale")
if not look.is_projected():
    st.markdown(text.before)
here = link.begin("scale")
layout = page_layout.laid_out()
sweep = sweep_view.controls(here, session_runs(), layout)
sweep_view.show("scale", sweep, session_runs(), at=layout.buttons)
if not look.is_projected():
    st.markdown(text.after)
lecture_keys.show(here)
