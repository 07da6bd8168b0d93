"""Page set-up and navigation, nothing else.

`streamlit run` imports this file once, as the server starts, for `app`; each session runs it.
"""

import streamlit as st

from pages.components import server_start

if __name__ != "__main__":
    app = st.App(__file__, **server_start.prepared())
else:
    from pages.components import entry, language, look, uploads
    from pages.components.contents import sections

    entry.through_app()
    uploads.bound()
    st.set_page_config(page_title="Loopscope", layout="wide")
    language.choose()
    look.dress()
    entry.ensure_signed_in()
    st.navigation(sections(), expanded=True).run()
