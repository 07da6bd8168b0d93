"""Start here: the way through the lessons, each step with the pages that show it."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components import language, look
from pages.components.frame import framed, show_text, show_title
from pages.components.link import finish
from pages.components.navigation import titles

SHOWN_ON = (
    ("scale", "cpu"),
    ("sequential",),
    ("create_task", "lost_tasks", "loop_life"),
    ("gather",),
    ("gather_results",),
    ("blocking", "run_in_executor"),
    ("errors",),
    ("cancellation",),
    ("real_io",),
    ("debugging",),
)
"""The pages that show each step of the text, in its order."""


def places(count: int) -> list[DeltaGenerator]:
    """Return a place for each step, one below another; on a projected page two in each row."""
    if not look.is_projected():
        return [st.container() for _ in range(count)]
    rows = [st.columns(2, gap="large") for _ in range(0, count, 2)]
    return [place for row in rows for place in row][:count]


def show_step(step: language.GuideStep, pages: Sequence[str]) -> None:
    """Show a step with links to its pages, and its code to the right of both, or below them."""
    words, code = [st.container()] * 2 if look.is_projected() else st.columns([2, 3], gap="medium")
    with words:
        st.subheader(step.heading, anchor=False)
        show_text(step.words)
        with st.container(horizontal=True):
            for page in pages:
                label = f"{titles()[page]} →"
                st.page_link(f"pages/{page}.py", label=label, query_params=look.carried())
    code.code(step.code)


with framed("start_here") as here:
    text = language.lesson_text("start_here")
    introduction, steps = language.guide_steps(text)
    show_title(text.title)
    show_text(introduction)
    for place, step, pages in zip(places(len(steps)), steps, SHOWN_ON, strict=True):
        with place:
            show_step(step, pages)
    finish(here)
