"""A program of somebody's own whose tasks are a tree, with some of a library among them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.jobs import OwnProgram
from core.recording.events import NOBODY
from core.timeline.timeline import State, Timeline
from tests.kit.handmade import timeline

W = State.WAITING
NAMES = ("main", "serve", "a", "helper", "b", "a.1", "handler")
PARENTS = (NOBODY, 0, 0, 2, 0, 2, 1)
LIBRARY = (0, 1, 0, 1, 0, 0, 0)
"""`serve` and `helper` are a library's; what `serve` makes, `handler`, is the program's."""


def program(
    parents: Sequence[int] = PARENTS,
    library: Sequence[int] = LIBRARY,
    names: Sequence[str] = NAMES,
) -> Timeline:
    """Return a program whose jobs wait from 1 ms, 2 ms, ... on until 50 ms."""
    spans = [(job, W, job + 1, 50) for job in range(len(parents))]
    made = timeline(*spans, wall_ms=60)
    return replace(
        made,
        program=OwnProgram(command=("it.py",)),
        jobs=replace(
            made.jobs,
            name=tuple(names),
            parent=np.array(parents, dtype=np.int64),
            library=np.array(library, dtype=np.int64),
        ),
    )
