"""How every page looks: its style and mended markup, and where its controls stand.

A projected page has a size, a contrast and a layout of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.figure import Style
from core.text.language import _

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


@cache
def asset(name: str) -> str:
    """Return the text of a file in `assets`, read once: a server sends it all the time."""
    return (ASSETS / name).read_text(encoding="utf-8")


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


def chart_style() -> Style:
    """Return how the page's charts look; without an ink where the page's theme is not known."""
    projected = is_projected()
    ink = (FULL_INK if projected else INK).get(str(st.context.theme.type))
    return Style(ink=ink, is_projected=projected)


SIDE_BY_SIDE = (5, 5, 4)
"""How two sliders and a choice share a row."""
ONE_ROW = (5, 5, 6, 2.5)
"""How two sliders, two buttons and the folded rest share the only row of a projected page."""


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Places of controls: what shows them asks for a place by its name.

    In a hall the same controls go elsewhere, most of them folded away, so the chart has the screen.

    Attributes:
        choices: What is run.
        details: What not all patterns have, such as an executor.
        tasks: How many jobs there are.
        length: How long each of them takes.
        spread: How their lengths relate.
        failure: Which of them fails.
        buttons: What starts a run and stops it.
        switches: How runs are measured and looked at.
    """

    choices: DeltaGenerator
    details: DeltaGenerator
    tasks: DeltaGenerator
    length: DeltaGenerator
    spread: DeltaGenerator
    failure: DeltaGenerator
    buttons: DeltaGenerator
    switches: DeltaGenerator


def laid_out() -> PageLayout:
    """Lay out the controls of a page, from top to bottom, and return its places."""
    return _in_a_hall() if is_projected() else _usual()


def _usual() -> PageLayout:
    choices, details = st.container(), _row()
    tasks, length, spread = st.columns(SIDE_BY_SIDE)
    failure, panel = st.container(), _panel()
    with panel:
        buttons, switches = st.container(width="content"), _panel()
    return PageLayout(choices, details, tasks, length, spread, failure, buttons, switches)


def _in_a_hall() -> PageLayout:
    tasks, length, buttons, rest = st.columns(ONE_ROW, vertical_alignment="bottom")
    with rest, st.popover(_("More")):
        choices, details, spread = st.container(), _row(), st.container()
        failure, switches = st.container(), _panel()
    return PageLayout(choices, details, tasks, length, spread, failure, buttons, switches)


def _row() -> DeltaGenerator:
    return st.container(horizontal=True, gap="medium", vertical_alignment="bottom")


def _panel() -> DeltaGenerator:
    return st.container(horizontal=True, gap="small", vertical_alignment="center")


def lazy_expander(
    title: str,
    make: Callable[[], object],
    *,
    key: str,
    unfolded: bool = False,
    icon: str | None = None,
) -> None:
    """Show a title below which `make` shows something while it is unfolded, and not before.

    Nobody opens most tables and transcripts, and a server would make them for each run of
    everybody. To unfold it draws the fragment again that it is in. Streamlit could do the same for
    popovers; but one closes as soon as anything beside it is pressed, and drawing its fragment then
    may undo that.
    """
    with st.expander(title, expanded=unfolded, key=key, icon=icon, on_change="rerun") as inside:
        if inside.open:
            make()
