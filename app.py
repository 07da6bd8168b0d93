"""Page set-up and navigation, nothing else.

`streamlit run` imports this file once, as the server starts, for `app`; each session runs it.
"""

from pathlib import Path

import streamlit as st

from pages.components import server_start

if __name__ != "__main__":
    app = st.App(__file__, **server_start.prepared())
else:
    from pages.components import entry, language, markup, projector, sign_in, uploads
    from pages.components.contents import sections

    entry.through_app()
    uploads.bound()
    st.set_page_config(page_title="Loopscope", layout="wide")
    language.choose()
    st.html(Path(__file__).with_name("pages") / "components" / "assets" / "look.css")
    projector.dress()
    markup.mend()
    sign_in.ensure()
    st.navigation(sections(), expanded=True).run()
