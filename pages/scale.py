"""Scale: how coroutines, threads and processes fare as there are more and more of them."""

import streamlit as st

from pages.components import (
    arrival,
    desk,
    language,
    lectern,
    link,
    projector,
    sweep_panel,
    sweep_view,
)
from pages.components.bench import bench

arrival.ensure_app()
text = language.lesson_text("scale")
if not projector.is_on():
    st.markdown(text.before)
here = link.begin("scale")
places = desk.laid_out()
sweep = sweep_panel.show(here, bench(), places)
sweep_view.show("scale", sweep, bench(), at=places.buttons)
if not projector.is_on():
    st.markdown(text.after)
lectern.show(here)
