"""How every page looks: its style, a projected page's size and contrast, and mended markup."""

from pathlib import Path

import streamlit as st

PROJECTOR, ON, OFF = "projector", "on", "off"
INK = {"light": "#31333F", "dark": "#FAFAFA"}
FULL_INK = {"light": "#000000", "dark": "#FFFFFF"}
ASSETS = Path(__file__).with_name("assets")
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
"""What Streamlit's markup lacks for who listens to a page or has no mouse.

The navigation's list has sections between itself and its items, so it is no list to a reader.
Code and transcripts may be wider than their place: who has no mouse must reach them to scroll.
Streamlit's shortcuts rest while an input has the focus. A slider has no use for letters, though,
and who has moved one with the arrow keys wants to go on with a key.
"""


def is_projected() -> bool:
    """Whether this page is projected, which its URL says."""
    return st.query_params.get(PROJECTOR) == ON


def switch_projector() -> None:
    """Project the page, or show it as usual again."""
    if is_projected():
        del st.query_params[PROJECTOR]
    else:
        st.query_params[PROJECTOR] = ON


def dress() -> None:
    """Give a page its style, and a projected one its size and contrast as well."""
    st.html(ASSETS / "look.css")
    if is_projected():
        st.html(ASSETS / "projector.css")
    st.html(MENDS, unsafe_allow_javascript=True)


def ink() -> str | None:
    """Return the colour of a chart's texts; None where the page's theme is not known."""
    return (FULL_INK if is_projected() else INK).get(str(st.context.theme.type))
