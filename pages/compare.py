"""Compare: race patterns with the same jobs on one time axis."""

import streamlit as st

from core.text.language import _
from pages.components import (
    arrival,
    code_view,
    controls,
    desk,
    language,
    lectern,
    link,
    projector,
    result_view,
    run_panel,
)
from pages.components.bench import bench

arrival.ensure_app()
language.follow()
if not projector.is_on():
    st.title(_("What was each task doing, when, and why did it wait?"))
here = link.begin("compare")
places = desk.laid_out()
asked = controls.race(here, places)
viewing = run_panel.show(here, asked, bench(), places)
result_view.show("compare", asked.specs, bench(), at=places.buttons, viewing=viewing, strips=[])
if not projector.is_on():
    code_view.show_folded(asked.specs)
lectern.show(here)
