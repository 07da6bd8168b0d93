"""What of the tree of a program's tasks is folded away, where it has something to fold."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from core.analysis.task_tree import Fold, branches, depth_of, has_own_and_libraries
from core.text.language import _, ngettext, number_text
from core.timeline.timeline import Timeline

MOST_LEVELS = 9
MOST_BRANCHES = 100
"""How many coroutines may be chosen, those with the most tasks below them."""


def ask(page: str, timelines: Sequence[Timeline]) -> Fold:
    """Ask whether tasks of libraries are shown, and how many levels of tasks.

    Nothing is asked that would change nothing.
    """
    shows_libraries = any(map(has_own_and_libraries, timelines)) and st.toggle(
        _("Library tasks"),
        key=f"{page} library tasks",
        persist_state="session",
        help=_(
            "Shows also the tasks in which nothing of the program itself was seen: neither its "
            "code, nor the line that made it, nor a line at which it waited."
        ),
    )
    every = Fold(libraries=not shows_libraries)
    depth = max((depth_of(each, every) for each in timelines), default=1)
    if depth == 1:
        return every
    levels = st.selectbox(
        _("Levels of tasks"),
        [None, *range(1, min(depth, MOST_LEVELS + 1))],
        format_func=_level_text,
        key=f"{page} levels of tasks",
        persist_state="session",
        help=_("A task stands below the one that made it. What is folded is counted in its row."),
    )
    return Fold(libraries=every.libraries, levels=levels, below=_ask_below(page, timelines, every))


def _ask_below(page: str, timelines: Sequence[Timeline], every: Fold) -> frozenset[str]:
    """Ask below which tasks nothing is shown; of a server, say, what each request does."""
    counted: Counter[str] = Counter()
    for each in timelines:
        counted.update(branches(each, every))
    options = [kind for kind, _count in counted.most_common(MOST_BRANCHES)]
    chosen = st.multiselect(
        _("Fold below"),
        options,
        format_func=lambda kind: _branch_text(kind, counted[kind]),
        key=f"{page} fold below",
        persist_state="session",
        placeholder=_("no task"),
        select_all=False,
        help=_("Tasks that these have made, and what those have made, are counted in their rows."),
    )
    return frozenset(chosen)


def _branch_text(kind: str, count: int) -> str:
    return ngettext("{name} ({count} task)", "{name} ({count} tasks)", count).format(
        name=kind, count=number_text(count)
    )


def _level_text(levels: int | None) -> str:
    if levels is None:
        return _("all levels of tasks")
    return ngettext("{count} level of tasks", "{count} levels of tasks", levels).format(
        count=levels
    )
