"""Keys for lectures: what a lecturer does between two sentences, each with one key."""

from collections.abc import Sequence

import streamlit as st

from core.text.language import _
from pages.components import look
from pages.components.contents import titles
from pages.components.link import Link

STEPS = (5, 10, 100, 1_000)
CARRIED = ("lang", look.PROJECTOR)


def show(link: Link) -> None:
    """Show the keys of a lecture: other numbers of tasks, other lessons, the projector.

    A page that is none of a lecture can be projected, too.
    """
    names = titles()
    if link.page not in names:
        _show_projector(link)
        return
    order = list(names)
    place = order.index(link.page)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if place > 0:
            _turn_to(link, order[place - 1], "← " + names[order[place - 1]], "B")
        if place + 1 < len(order):
            _turn_to(link, order[place + 1], names[order[place + 1]] + " →", "N")
        _step(link, _("Fewer tasks"), "L", STEPS[::-1])
        _step(link, _("More tasks"), "M", STEPS)
        _show_projector(link)


def _show_projector(link: Link) -> None:
    """Show the key that projects a page, or shows it as usual again."""
    st.button(
        _("Leave the projector") if look.is_projected() else _("Projector"),
        key=f"{link.page} projector",
        shortcut="P",
        type="tertiary",
        on_click=look.switch_projector,
        help=_("Large type for a hall: only the controls, the chart and what it says."),
    )


def _turn_to(link: Link, page: str, label: str, shortcut: str) -> None:
    if st.button(label, key=f"{link.page} to {page}", shortcut=shortcut, type="tertiary"):
        carried = {name: st.query_params[name] for name in CARRIED if name in st.query_params}
        st.switch_page(f"pages/{page}.py", query_params=carried)


def _step(link: Link, label: str, shortcut: str, steps: Sequence[int]) -> None:
    """Show a button that moves the number of tasks to the next of the steps, in their direction."""
    key = f"{link.page} tasks"
    st.button(
        label,
        key=f"{link.page} {shortcut}",
        shortcut=shortcut,
        type="tertiary",
        on_click=_move,
        args=(key, steps),
        disabled=key not in st.session_state,
        help=_("Goes to the next of 5, 10, 100 and 1,000 tasks."),
    )


def _move(key: str, steps: Sequence[int]) -> None:
    if (now := st.session_state.get(key)) is not None:
        st.session_state[key] = next_step(now, steps)


def next_step(now: int, steps: Sequence[int]) -> int:
    """Return the first of some rising or falling steps beyond a number, or the number itself."""
    rises = steps[0] < steps[-1]
    beyond = [step for step in steps if (step > now if rises else step < now)]
    return beyond[0] if beyond else now
