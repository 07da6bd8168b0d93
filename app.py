"""Page set-up and navigation, nothing else.

`streamlit run` imports this file once, as the server starts, for `app`; each session runs it.
"""

import streamlit as st

from pages.components import server_start

if __name__ != "__main__":
    app = st.App(__file__, **server_start.prepared())
else:
    from pages.components import language, look, navigation, opened_files

    navigation.through_app()
    opened_files.bound_uploads()
    st.set_page_config(page_title="Loopscope", page_icon=look.ICON, layout="wide")
    language.choose()
    look.dress()
    navigation.ensure_signed_in()
    page = st.navigation(navigation.sections(), expanded=True)
    st.set_page_config(page_title=f"{page.title} · Loopscope")
    page.run()
