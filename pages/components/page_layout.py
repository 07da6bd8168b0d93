"""The layout of a page: where controls stand, and what is made once somebody unfolds it."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.text.language import _
from pages.components import look

SIDE_BY_SIDE = (5, 5, 4)
"""How two sliders and a choice share a row."""
ONE_ROW = (5, 5, 6, 2.5)
"""How two sliders, two buttons and the folded rest share the only row of a projected page."""


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Places of controls.

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
    return _in_a_hall() if look.is_projected() else _usual()


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

    To unfold it draws the fragment again that it is in. Streamlit could do the same for popovers;
    but one closes as soon as anything beside it is pressed, and drawing its fragment then may undo
    that.
    """
    with st.expander(title, expanded=unfolded, key=key, icon=icon, on_change="rerun") as inside:
        if inside.open:
            make()
