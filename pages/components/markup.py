"""What Streamlit's markup lacks for people who listen to a page."""

import streamlit as st

PLAIN_LISTS = """
<script>
  if (!window.loopscopeMends) {
    const mend = () =>
      document
        .querySelectorAll("[data-testid=stSidebarNavItems], [data-testid=stSidebarNavItems] li")
        .forEach((each) => each.getAttribute("role") || each.setAttribute("role", "presentation"));
    window.loopscopeMends = new MutationObserver(mend);
    window.loopscopeMends.observe(document.body, { childList: true, subtree: true });
    mend();
  }
</script>
"""
"""The navigation's list has sections between itself and its items, so it is no list to a reader."""


def mend() -> None:
    """Let screen readers read the navigation as the links that it is."""
    st.html(PLAIN_LISTS, unsafe_allow_javascript=True)
