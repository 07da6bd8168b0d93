"""Page set-up and navigation, nothing else."""

from pathlib import Path

import streamlit as st

from pages.components import arrival, language, markup, projector, sign_in, uploads
from pages.components.contents import sections

arrival.through_app()
uploads.bound()
st.set_page_config(page_title="Loopscope", layout="wide")
language.choose()
st.html(Path("pages/components/look.css"))
projector.dress()
markup.mend()
sign_in.ensure()
st.navigation(sections(), expanded=True).run()
