"""The tasks of somebody's own program as rows: children below their parents, some folded away.

What is shown is a timeline of its own, in which jobs are numbered by their rows. So whatever draws
a timeline draws it, and a stretch of rows is one of numbers. Figures and sentences are made of the
whole timeline, which knows of no rows.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.analysis.job_label import job_label
from core.recording.events import NOBODY
from core.text.language import _, ngettext, number_text
from core.timeline.timeline import Booleans, Integers, Jobs, Timeline

INDENT = "  "
MOST_INDENTED = 8
"""A row deeper than that stands no further to the right: its name must have room."""
LEAST_OF_A_NAME = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """What of a tree of tasks is folded away.

    Attributes:
        libraries: Whether tasks of libraries are, where the program has some of its own.
        levels: How many levels of tasks are shown; None for all.
        below: The coroutines below whose tasks nothing is shown, as `kinds_of` names them.
    """

    libraries: bool = True
    levels: int | None = None
    below: frozenset[str] = frozenset()


ALL = Fold(libraries=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRows:
    """The rows of a program's tasks, from top to bottom.

    Attributes:
        timeline: The program with the jobs that have a row, numbered by it.
        depth: How many of these stand above each, one in the other, in the tree.
        folded: How many jobs are folded into each row.
        libraries: How many tasks of libraries are folded away, also where there is no row for them
            to be folded into.
        deeper: How many tasks are folded away because they are too deep.
    """

    timeline: Timeline
    depth: tuple[int, ...]
    folded: tuple[int, ...]
    libraries: int
    deeper: int

    def label(self, row: int, most: int, indent: str = INDENT) -> str:
        """Return what a row is called in some `most` letters: indented, with how many it folds."""
        before = indent * min(self.depth[row], MOST_INDENTED)
        after = f" +{number_text(self.folded[row])}" if self.folded[row] else ""
        room = max(LEAST_OF_A_NAME, most - len(before) - len(after))
        return f"{before}{job_label(row, self.timeline, room)}{after}"

    def folded_text(self) -> str:
        """Return how many tasks are folded away, and that they count; empty for none."""
        texts = []
        if self.libraries:
            text = ngettext(
                "{count} task of libraries is folded away",
                "{count} tasks of libraries are folded away",
                self.libraries,
            )
            texts.append(text.format(count=number_text(self.libraries)))
        if self.deeper:
            text = ngettext(
                "{count} deeper task is folded away",
                "{count} deeper tasks are folded away",
                self.deeper,
            )
            texts.append(text.format(count=number_text(self.deeper)))
        if not texts:
            return ""
        folded = "; ".join(texts)
        return _("{folded}. Figures and sentences count them, too.").format(folded=folded)


def has_own_and_libraries(timeline: Timeline) -> bool:
    """Return whether a program has tasks of its own and of libraries."""
    library = timeline.jobs.library
    return bool(library.any()) and not library.all()


def depth_of(timeline: Timeline, fold: Fold) -> int:
    """Return how many levels the tree of a program's tasks has, all of them shown."""
    hidden = _hidden(timeline, fold)
    _home, depth = _homes(_parent_rows(timeline.jobs), hidden.tolist())
    return (
        max((each for each, is_away in zip(depth, hidden, strict=True) if not is_away), default=0)
        + 1
    )


def branches(timeline: Timeline, fold: Fold) -> Counter[str]:
    """Return of each coroutine how many tasks stand below its tasks, all levels shown."""
    kinds = kinds_of(timeline.jobs)
    hidden = _hidden(timeline, fold).tolist()
    home, depth = _homes(_parent_rows(timeline.jobs), hidden)
    size = _sizes(home, hidden)
    counted: Counter[str] = Counter()
    # the way up from each row; what stands below two tasks of a kind counts once
    way: list[str] = []
    on_way: Counter[str] = Counter()
    for row in _preorder(home, hidden).tolist():
        while len(way) > depth[row]:
            on_way[way.pop()] -= 1
        kind = kinds[row]
        if size[row] > 1 and not on_way[kind]:
            counted[kind] += size[row] - 1
        way.append(kind)
        on_way[kind] += 1
    return counted


def kinds_of(jobs: Jobs) -> Sequence[str]:
    """Return what each task runs: its coroutine or, where that is not known, its name."""
    names = jobs.name or [""] * len(jobs)
    coroutines = jobs.coroutine or [""] * len(jobs)
    return [runs or name for runs, name in zip(coroutines, names, strict=True)]


def task_rows(timeline: Timeline, fold: Fold) -> TaskRows | None:
    """Return the rows of a program's tasks; None where these are its jobs as they are."""
    jobs = timeline.jobs
    parent = _parent_rows(jobs)
    hidden = _hidden(timeline, fold)
    libraries = int(hidden.sum())
    home, depth = _homes(parent, hidden.tolist())
    if fold.levels is not None:
        hidden |= np.array(depth, dtype=np.int64) >= fold.levels
    if fold.below:
        hidden |= _below(parent, kinds_of(jobs), fold.below)
    if fold.below or fold.levels is not None:
        home, depth = _homes(parent, hidden.tolist())
    if not hidden.any() and not any(depth):
        return None
    order = _preorder(home, hidden.tolist())
    folded = np.bincount(
        [above for above, is_away in zip(home, hidden, strict=True) if is_away and above >= 0],
        minlength=len(jobs),
    )
    return TaskRows(
        timeline=_arranged(timeline, order, np.array(home, dtype=np.int64)),
        depth=tuple(depth[row] for row in order.tolist()),
        folded=tuple(folded[order].tolist()),
        libraries=libraries,
        deeper=int(hidden.sum()) - libraries,
    )


def _hidden(timeline: Timeline, fold: Fold) -> Booleans:
    """Return which jobs have no row, as tasks of libraries."""
    if fold.libraries and has_own_and_libraries(timeline):
        return timeline.jobs.library > 0
    return np.zeros(len(timeline.jobs), dtype=np.bool_)


def _below(parent: list[int], kinds: Sequence[str], folded: frozenset[str]) -> Booleans:
    """Return which jobs stand somewhere below one of these kinds."""
    is_below = np.zeros(len(parent), dtype=np.bool_)
    for row, above in enumerate(parent):
        is_below[row] = above >= 0 and (is_below[above] or kinds[above] in folded)
    return is_below


def _parent_rows(jobs: Jobs) -> list[int]:
    """Return the row of each job's parent, which is above its own; -1 for none."""
    if not len(jobs.parent):
        return [-1] * len(jobs)
    rows: Integers = np.where(jobs.parent < 0, -1, np.searchsorted(jobs.number, jobs.parent))
    return list(rows.tolist())


def _homes(parent: list[int], hidden: list[bool]) -> tuple[list[int], list[int]]:
    """Return of each job the nearest one above it that is shown, or -1, and how deep it stands."""
    home, depth = [-1] * len(parent), [0] * len(parent)
    for row, above in enumerate(parent):
        # parents come first, so what is above is known
        found = home[above] if above >= 0 and hidden[above] else above
        home[row] = found
        depth[row] = depth[found] + 1 if found >= 0 else 0
    return home, depth


def _sizes(home: list[int], hidden: list[bool]) -> list[int]:
    """Return of each job that is shown how many are in its tree, with itself."""
    size = [0 if is_away else 1 for is_away in hidden]
    for row in range(len(home) - 1, -1, -1):
        if not hidden[row] and home[row] >= 0:
            size[home[row]] += size[row]
    return size


def _preorder(home: list[int], hidden: list[bool]) -> Integers:
    """Return the jobs that are shown, each followed by those below it, in the order of creation."""
    count, size = len(home), _sizes(home, hidden)
    # where the next child of each begins; those at the top are the children of the last entry
    free = [0] * (count + 1)
    order = np.zeros(count - sum(hidden), dtype=np.int64)
    for row, above in enumerate(home):
        if hidden[row]:
            continue
        at = free[above]
        free[above] += size[row]
        free[row] = at + 1
        order[at] = row
    return order


def _arranged(timeline: Timeline, order: Integers, home: Integers) -> Timeline:
    """Return the timeline with some of its jobs, by their rows, in an order, numbered by it."""
    jobs, spans = timeline.jobs, timeline.spans
    place = np.full(len(jobs) + 1, NOBODY, dtype=np.int64)  # the last one is nobody's
    place[order] = np.arange(len(order))
    last = len(jobs)

    def renumbered(numbers: Integers) -> Integers:
        row = np.minimum(np.searchsorted(jobs.number, numbers), last - 1)
        return place[np.where(jobs.number[row] == numbers, row, last)]

    row_of_span = renumbered(spans.job)
    kept = np.flatnonzero(row_of_span >= 0)
    kept = kept[np.argsort(row_of_span[kept], kind="stable")]
    kept_spans = spans.where(kept)
    return replace(
        timeline,
        jobs=replace(
            _in_order(jobs, order),
            number=np.arange(len(order)),
            parent=place[home[order]],
            cancelled_by=renumbered(jobs.cancelled_by[order]),
        ),
        spans=replace(
            kept_spans,
            job=row_of_span[kept],
            waker=renumbered(kept_spans.waker),
            holder=renumbered(kept_spans.holder),
        ),
        deadlocks=(),
    )


def _in_order(jobs: Jobs, order: Integers) -> Jobs:
    """Return some jobs in an order, each with its name: a number is that of its row from now on."""
    found = jobs.where(order)
    names = found.name or [""] * len(found)
    return replace(
        found,
        name=tuple(
            name or _("job {number}").format(number=number + 1)
            for name, number in zip(names, found.number.tolist(), strict=True)
        ),
    )
