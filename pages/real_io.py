"""Real input and output: a web server, a database, files."""

import streamlit as st

from core.spec.run_spec import ExecutorKind
from core.text.language import _
from core.workloads import WORKLOADS
from pages.components import frame
from pages.components.controls import Defaults, RunChoice
from pages.components.link import Link


def kind_of_io(link: Link) -> str:
    """Show what there is to ask and return the workload that was chosen."""
    names = {each.name: each.called for each in WORKLOADS.values() if each.opens}
    first = next(iter(names))
    chosen = st.segmented_control(
        _("Service"),
        list(names),
        default=first,
        required=True,
        format_func=lambda name: names[name],
        key=link.one_of("workload", {name: name for name in names}, first),
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen or first


def choices(link: Link) -> list[RunChoice]:
    """Return the runs: one after another, at once, and in threads."""
    workload = kind_of_io(link)
    return [
        RunChoice(pattern="sequential", workload=workload),
        RunChoice(pattern="gather", workload=workload),
        RunChoice(pattern="blocking_loop", workload=workload),
        RunChoice(pattern="run_in_executor", workload=workload, executor=ExecutorKind.THREADS),
    ]


frame.lesson(
    "real_io",
    choices,
    strips=[],
    defaults=Defaults(tasks=20, sleep_s=0.1, connections=5, workers=10),
)
