"""What Streamlit's markup lacks for people who listen to a page."""

import streamlit as st

MENDS = """
<script>
  if (!window.loopscopeMends) {
    const mend = () => {
      document
        .querySelectorAll("[data-testid=stSidebarNavItems], [data-testid=stSidebarNavItems] li")
        .forEach((each) => each.getAttribute("role") || each.setAttribute("role", "presentation"));
      document.querySelectorAll("pre:not([tabindex])").forEach((each) => (each.tabIndex = 0));
    };
    window.loopscopeMends = new MutationObserver(mend);
    window.loopscopeMends.observe(document.body, { childList: true, subtree: true });
    mend();
    const passOn = (event) => {
      const alone = !event.ctrlKey && !event.metaKey && !event.altKey;
      const isLetter = /^Key[A-Z]$/.test(event.code);
      if (!alone || !isLetter || !event.target.matches?.("input[type=range]")) return;
      event.stopImmediatePropagation();
      const { key, code } = event;
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true }));
    };
    window.addEventListener("keydown", passOn, true);
  }
</script>
"""
"""The navigation's list has sections between itself and its items, so it is no list to a reader.
Code and transcripts may be wider than their place: who has no mouse must reach them to scroll.
Streamlit's shortcuts rest while an input has the focus. A slider has no use for letters, though,
and who has moved one with the arrow keys wants to go on with a key.
"""


def mend() -> None:
    """Let screen readers read the navigation as links, and let keys do what a mouse can."""
    st.html(MENDS, unsafe_allow_javascript=True)
