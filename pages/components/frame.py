"""The frame of a page: what each does in the same order, so that a page says what is its own.

A page is set up, asks what to run, shows the code of it, runs it and shows what was measured. The
keys of a lecture stand at its end: what a lecturer does between two sentences, each with one key.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analysis.side_by_side import pool_text
from core.charts.strips import Strip
from core.jobs import Spread
from core.patterns import PATTERNS
from core.spec.program import program
from core.spec.run_spec import RunSpec
from core.text.language import _
from core.workloads import DEFAULT_WORKLOADS
from pages.components import (
    controls,
    language,
    link,
    look,
    own_code,
    result_view,
    run_panel,
    sweep_view,
)
from pages.components.controls import Defaults, RunChoice, RunRequest
from pages.components.language import LessonText
from pages.components.link import Link, show_dialog
from pages.components.look import PageLayout
from pages.components.navigation import READING, ensure_app, titles
from pages.components.session_runs import session_runs

Ask = Callable[[Link, PageLayout], RunRequest]
"""Shows a page's controls at their places and returns what they ask for."""


def set_up() -> None:
    """Let app.py come first, and speak the visitor's language."""
    ensure_app()
    language.follow()


@contextmanager
def framed(page: str) -> Iterator[Link]:
    """Set up a page, give its link to what shows the page, and end it with the lecture's keys."""
    set_up()
    here = link.begin(page)
    yield here
    show_keys(here)


def show_title(title: str) -> None:
    """Show the title of a page."""
    st.title(title, anchor=False)


def show_lesson(text: LessonText, *, with_code: bool = True) -> DeltaGenerator | None:
    """Show the title of a lesson and what to read before a run, collapsed below its first line.

    It returns the place of the code, to the right of that text; None on a projected page, which has
    room for neither.
    """
    show_title(text.title)
    if look.is_projected():
        return None
    with st.expander(text.lead, key="lesson"):
        if not with_code:
            st.markdown(text.words)
            return None
        words, code = st.columns([2, 3], gap="large")
        words.markdown(text.words)
        return code


def show_text(text: str) -> None:
    """Show what there is to read, in Markdown, but on a projected page."""
    if not look.is_projected():
        st.markdown(text)


def show_runs(
    here: Link, ask: Ask, *, strips: Sequence[Strip] = (), code_at: DeltaGenerator | None = None
) -> tuple[RunSpec, ...]:
    """Ask what to run, run it, show it, and return what was asked for.

    Args:
        here: The link of the page.
        ask: What asks.
        strips: What to show below each run.
        code_at: Where the code of the runs stands; None for a page that shows it elsewhere.
    """
    layout = look.laid_out()
    request = ask(here, layout)
    if request.specs and code_at is not None:
        with code_at:
            show_code(request.specs)
    runs = session_runs()
    view = run_panel.show(here, request, runs, layout, strips=strips)
    result_view.show(view, runs, at=layout.buttons)
    return request.specs


def show_sweep(here: Link) -> None:
    """Ask for more and more jobs, run after run, and show how they fared."""
    layout = look.laid_out()
    runs = session_runs()
    sweep = sweep_view.controls(here, runs, layout)
    sweep_view.show(here.page, sweep, runs, at=layout.buttons)


def show_folded_code(specs: Sequence[RunSpec]) -> None:
    """Show the code of several runs, collapsed; a projected page has no room for it."""
    if specs and not look.is_projected():
        st.fragment(language.kept(_fold_code))(specs)


def _fold_code(specs: Sequence[RunSpec]) -> None:
    look.lazy_expander(_("Code of each pattern, as it ran"), partial(show_code, specs), key="code")


def show_code(specs: Sequence[RunSpec]) -> None:
    """Show the code of one run, or of several in a tab for each that differs."""
    shown = {_label(spec): spec for spec in specs}
    places = st.tabs(list(shown)) if len(shown) > 1 else [st.container()]
    for number, (place, spec) in enumerate(zip(places, shown.values(), strict=True)):
        with place.container(key=f"program {number}"):
            st.code(program(spec), wrap_lines=True)
            own_code.open_in_editor(spec, key=f"open program {number}")


def _label(spec: RunSpec) -> str:
    usual = DEFAULT_WORKLOADS[PATTERNS[spec.pattern].arranges]
    workload = "" if spec.workload == usual else spec.job.called
    return " · ".join(filter(None, (spec.pattern, workload, pool_text(spec))))


Choices = Sequence[RunChoice | str] | Callable[[Link], Sequence[RunChoice]]


def pattern_lesson(pattern: str, *, spread: Spread = Spread.EQUAL) -> None:
    """Show the lesson on one pattern, called like it; `spread` says how jobs differ at first."""
    lesson(pattern, [pattern], strips=[Strip.LOOP], defaults=Defaults(spread=spread))


def lesson(
    page: str, choices: Choices, *, strips: Sequence[Strip], defaults: Defaults | None = None
) -> None:
    """Show a lesson page: one run, or several side by side.

    Args:
        page: The name of the page, which is also that of its text.
        choices: The runs from top to bottom, say a mistake and its cure; a name stands for the
            pattern with its usual workload. Or what asks the visitor for them, above the bar.
        strips: What to show below each run.
        defaults: Where the controls stand at first.
    """

    def ask(link: Link, layout: PageLayout) -> RunRequest:
        with layout.choices:
            chosen = _chosen(link, choices)
        return controls.several(link, layout, chosen, defaults or Defaults())

    with framed(page) as here:
        text = language.lesson_text(page)
        code_at = show_lesson(text)
        show_runs(here, ask, strips=strips, code_at=code_at)
        show_text(text.after)


def _chosen(link: Link, choices: Choices) -> list[RunChoice]:
    found = choices(link) if callable(choices) else choices
    return [each if isinstance(each, RunChoice) else RunChoice(pattern=each) for each in found]


STEPS = (5, 10, 100, 1_000)


def show_keys(link: Link) -> None:
    """Show the keys of a lecture: other numbers of tasks, other lessons, the projector.

    A page that is none of a lecture can be projected, too; one to read has no tasks to move.
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
        if link.page not in READING:
            _step(link, _("Fewer tasks"), "L", STEPS[::-1])
            _step(link, _("More tasks"), "M", STEPS)
        _switch(link, "guess", _("Guess first"), "Q")
        _switch(link, "slow", _("Slow motion"), "W")
        _share(link)
        _show_projector(link)
    if link.page not in READING:
        st.caption(_("Ctrl+Enter runs, S stops, A replays the run, G measures it again."))


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
        st.switch_page(f"pages/{page}.py", query_params=look.carried())


def _switch(link: Link, name: str, label: str, shortcut: str) -> None:
    """Show a button that turns one of the menu's switches, on a page that has it."""
    if name not in link.parameters:
        return
    key = link.parameters[name].key
    st.button(
        label,
        key=f"{link.page} {shortcut}",
        shortcut=shortcut,
        type="tertiary",
        on_click=_turn,
        args=(key,),
        help=_("Turns it on or off."),
    )


def _turn(key: str) -> None:
    st.session_state[key] = not st.session_state.get(key)


def _share(link: Link) -> None:
    if st.button(_("Link"), key=f"{link.page} K", shortcut="K", type="tertiary"):
        show_dialog(link)


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
