"""The page for somebody's own code: its editor, and what came out of it.

Whatever a link brings is shown in the editor and waits there for a press of Run.
"""

import streamlit as st

from core.analysis.summary import explain
from core.charts.strips import Strip
from core.own_code.errors import OwnCodeOff
from core.own_code.link_text import MOST_CHARACTERS, code_of, link_word
from core.own_code.run import OwnCodeRun
from core.spec.program import program
from core.spec.run_spec import RunSpec
from core.text.language import _, lazy
from core.text.legible import shortened
from core.timeline.timeline import Timeline
from pages.components import (
    finished_view,
    folding,
    language,
    look,
    own_code_gate,
    result_view,
    run_panel,
)
from pages.components.link import RUN, Link, finish, link_button
from pages.components.look import escaped
from pages.components.run_panel import RunView
from pages.components.session_runs import OWN_CODE, SessionRuns, session_runs

CODE = "code"
EDITOR_PX, EDITOR_PROJECTED_PX = 520, 440
REFRESH_S = 0.3
BRIEF_S = 0.5
"""A program that ends sooner is drawn once, when it has."""
AROUND = 2
LAST_SHOWN = 12
"""How many of the lines printed so far are shown while the code runs."""
TEMPLATE = """\
import asyncio


async def job(n):
    await asyncio.sleep(0.1 * n)
    print("job", n, "is done")
    return n


async def main():
    async with asyncio.TaskGroup() as group:
        for n in range(1, 5):
            group.create_task(job(n), name=f"job {n}")


asyncio.run(main())
"""


def show(link: Link) -> None:
    """Show the editor and what the code did; on a server that runs none, the reason alone."""
    link.may_run = False
    if (why := own_code_gate.refusal(own_code_gate.this_visit())) is not None:
        st.info(escaped(str(why)))
        finish(link)
        return
    if link.is_first and link.given.keys() & {RUN, CODE}:
        st.info(_("This code came by a link. Read it, then press Run: a link runs nothing."))
    runs = session_runs()
    editing, result = st.columns([9, 11], gap="medium")
    with editing:
        layout = look.laid_out()
        key = _editor(link)
    with layout.switches:
        lanes = run_panel.lane_view(run_panel.lanes_key(link))
        shared = link_button(link)
    if link_word(st.session_state[key]) is None:
        text = _("This code is not in the link: it is too long, or has letters that are not shown.")
        editing.caption(text)
    run_panel.run_and_stop(
        layout.buttons,
        OWN_CODE,
        runs,
        measure=lambda: _run(runs, st.session_state[key]),
        ready=True,
    )
    with result:
        view = RunView(page=OWN_CODE, specs=(), lanes=lanes, menu=layout.chart, strips=[Strip.LOOP])
        _show_latest(view, runs, code=st.session_state[key])
    finish(link, shared=shared)


def _editor(link: Link) -> str:
    key = link.text(
        CODE,
        TEMPLATE,
        written=link_word,
        read=code_of,
        refusal=lazy(
            "The code in this link is damaged, too long, or hides letters; so it was left out."
        ),
    )
    st.session_state.setdefault(key, TEMPLATE)
    st.text_area(
        _("Your code"),
        height=EDITOR_PROJECTED_PX if look.is_projected() else EDITOR_PX,
        max_chars=MOST_CHARACTERS,
        key=key,
        persist_state="session",
        label_visibility="collapsed",
    )
    return key


def _show_latest(view: RunView, runs: SessionRuns, *, code: str) -> None:
    latest = runs.own_code
    if latest is None:
        st.info(_("Press Run: each task becomes a row, with what it did, when, and why it waited."))
    elif not latest.ended.is_set():
        st.fragment(language.kept(_follow))(latest)
    else:
        if latest.code != code:
            st.caption(_("The code has changed since this run."))
        _show_end(latest)
        if latest.timeline is not None:
            _show_timeline(view, latest.timeline)


def _follow(run: OwnCodeRun) -> None:
    """Show a run under way, again and again until it has ended; then the whole page is drawn."""
    if run.ended.is_set():
        st.rerun()
    run_panel.show_waiting((), run.waiting)
    _show_under_way(run)
    run_panel.refresh_after(OWN_CODE, REFRESH_S)


def _run(runs: SessionRuns, code: str) -> None:
    try:
        runs.run_code(code).ended.wait(BRIEF_S)
    except OwnCodeOff as error:
        st.error(escaped(str(error)))


def _show_under_way(run: OwnCodeRun) -> None:
    if run.began_s is None:
        return
    st.info(_("The code has been running for {seconds:.1f} s.").format(seconds=run.took_s))
    if lines := run.log[-LAST_SHOWN:]:
        st.code("\n".join(shortened(line.text) for line in lines), language=None)


def _show_end(run: OwnCodeRun) -> None:
    """Say why the run, or the code, did not come to a good end."""
    if run.error is not None:
        st.error(escaped(str(run.error)))
    elif run.failure is not None:
        st.error(escaped(run.failure.sentence()))
        if run.failure.line is not None:
            st.code(excerpt(run.code, run.failure.line), language="python")


def excerpt(code: str, line: int) -> str:
    """Return a line of some code with those around it, each with its number; the line is marked."""
    lines = code.split("\n")
    first, last = max(1, line - AROUND), min(len(lines), line + AROUND)
    return "\n".join(
        f"{'→' if number == line else ' '} {number:>3}  {shortened(lines[number - 1])}"
        for number in range(first, last + 1)
    )


def _show_timeline(view: RunView, timeline: Timeline) -> None:
    if not len(timeline.jobs):
        st.info(_("The code made no task, so there is nothing to draw."))
        if timeline.log:
            finished_view.show_transcripts([timeline])
        return
    summary = explain([timeline])
    with result_view.said():
        result_view.show_sentence(summary)
    with view.menu:
        fold = folding.ask(view.page, [timeline])
    result_view.show_finished_chart(view, [timeline], summary=summary, fold=fold)
    finished_view.show(view, [timeline])


def open_in_editor(spec: RunSpec, *, key: str) -> None:
    """Show the button that copies the program of a run into the editor, where it can be run."""
    if not own_code_gate.is_open() or (word := link_word(program(spec))) is None:
        return
    if st.button(_("Open in the editor"), key=key, icon=":material/edit:", type="tertiary"):
        st.switch_page("pages/own_code.py", query_params={**look.carried(), CODE: word})
