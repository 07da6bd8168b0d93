"""The way in: which pages there are, and how a visitor comes to them."""

import os

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core import settings
from core.text.language import _

STATUS_SWITCH = settings.STATUS
"""Set to 1, it shows the operator's page; nobody needs it on a laptop."""

READING = ("start_here",)
"""Pages that measure nothing: they lead to those that do."""

LESSONS = (
    "sequential",
    "create_task",
    "gather",
    "gather_results",
    "run_in_executor",
    "task_group",
)

PITFALLS = (
    "blocking",
    "lost_tasks",
    "errors",
    "cancellation",
    "loop_life",
    "too_many",
    "completion",
    "debugging",
)

COORDINATION = ("races", "deadlock", "starvation", "backpressure", "streams", "events")

FINER = (
    "shield",
    "exception_groups",
    "threads_and_loop",
    "async_generators",
    "context_variables",
    "eager_tasks",
    "clean_end",
)

REAL_WORK = ("cpu", "real_io", "executors", "rate_limits", "full_pool", "child_processes")

SWEEPS = ("scale",)
"""Pages that measure many runs one after another, and so none by themselves."""


def sections() -> dict[str, list[StreamlitPage]]:
    """Return the pages under their headings, titled in this context's language."""
    titles = titles_of_others()
    reading = [st.Page(f"pages/{name}.py", title=titles[name]) for name in READING]
    compare = st.Page("pages/compare.py", title=_("Compare"), default=True)
    lessons = [st.Page(f"pages/{name}.py", title=name) for name in LESSONS]
    pitfalls = [st.Page(f"pages/{name}.py", title=titles[name]) for name in PITFALLS]
    coordination = [st.Page(f"pages/{name}.py", title=titles[name]) for name in COORDINATION]
    finer = [st.Page(f"pages/{name}.py", title=titles[name]) for name in FINER]
    real_work = [st.Page(f"pages/{name}.py", title=titles[name]) for name in (*REAL_WORK, *SWEEPS)]
    own_code = st.Page("pages/own_code.py", title=_("Your own code"))
    open_file = st.Page("pages/open_file.py", title=_("Open a run file"))
    found = {
        _("Measure"): [*reading, compare, own_code, open_file],
        _("Lessons"): lessons,
        _("Pitfalls"): pitfalls,
        _("Working together"): coordination,
        _("Finer points"): finer,
        _("Real work"): real_work,
    }
    if os.environ.get(STATUS_SWITCH) == "1":
        found[_("Operation")] = [st.Page("pages/status.py", title=_("Status"))]
    return found


def titles() -> dict[str, str]:
    """Return what each page is called, in the order of the navigation and in this language."""
    others = titles_of_others()
    reading = {name: others.pop(name) for name in READING}
    lessons = {name: name for name in LESSONS}
    return reading | {"compare": _("Compare")} | lessons | others


def titles_of_others() -> dict[str, str]:
    """Return what each page is called that is not named after a pattern, in this language."""
    return {
        "start_here": _("Start here"),
        "blocking": _("Blocking the loop"),
        "lost_tasks": _("Lost tasks"),
        "errors": _("Errors"),
        "cancellation": _("Cancellation"),
        "loop_life": _("The loop's life"),
        "too_many": _("Too many at once"),
        "completion": _("Order of completion"),
        "debugging": _("Debug mode"),
        "races": _("Races on one thread"),
        "deadlock": _("Deadlock"),
        "starvation": _("Starvation"),
        "backpressure": _("Backpressure"),
        "streams": _("Streams and drain"),
        "events": _("Events, conditions, barriers"),
        "shield": _("Shield and uncancel"),
        "exception_groups": _("Exception groups"),
        "threads_and_loop": _("Threads and the loop"),
        "async_generators": _("Async generators"),
        "context_variables": _("Context variables"),
        "eager_tasks": _("Eager tasks"),
        "clean_end": _("A clean end"),
        "cpu": _("CPU and the GIL"),
        "real_io": _("Real I/O"),
        "executors": _("Executors"),
        "rate_limits": _("Rate limits"),
        "full_pool": _("The pool is full"),
        "child_processes": _("Child processes"),
        "scale": _("Thousands at once"),
    }


THROUGH_APP = "came through app.py"
SENT_BACK = "sent back to app.py"
SECTION = "auth"
"""The part of the secrets with the provider. A sign-in is Streamlit's own OpenID Connect.

Source: https://docs.streamlit.io/develop/concepts/connections/authentication
"""


def through_app() -> None:
    """Note that this script run began with app.py."""
    st.session_state[THROUGH_APP] = True


def ensure_app() -> None:
    """Run again, once, if this page was not reached through app.py.

    Until a server's first call of `st.navigation`, a link to a page runs that page alone, with
    Streamlit's automatic navigation. Declaring the navigation here makes app.py come first.
    """
    state = st.session_state
    if THROUGH_APP not in state and SENT_BACK not in state:
        state[SENT_BACK] = True
        st.navigation(sections())
        st.rerun()


def ensure_signed_in() -> None:
    """Let nobody past who has not signed in; let everybody past where nothing is configured.

    It comes before the navigation, so that a stranger has no page to go to.
    """
    if not _is_configured():
        return
    if not st.user.get("is_logged_in", False):
        # The only page there is: otherwise Streamlit would list the files in pages/.
        st.navigation([st.Page(_door, title="Loopscope")], position="hidden").run()
        st.stop()
    with st.sidebar:
        st.button(_("Sign out"), on_click=st.logout, key="sign out")


def _door() -> None:
    st.title("Loopscope")
    st.write(_("Sign in to measure on this server."))
    st.button(_("Sign in"), type="primary", on_click=st.login, key="sign in")


def _is_configured() -> bool:
    """Whether the secrets have a section for signing in; a server without secrets has none."""
    return bool(st.secrets.load_if_toml_exists()) and SECTION in st.secrets
