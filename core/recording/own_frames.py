"""Stacks and tracebacks as a program sees them without this package."""

import os
from traceback import FrameSummary
from types import TracebackType

OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep  # noqa: PTH100, PTH120 - as frames


def leave_out_own(stack: list[FrameSummary]) -> None:
    """Remove this package from a stack that debug mode shows, wherever it stands in it.

    How many methods of ours lie on the way to a task depends on what it is made by.
    """
    stack[:] = [entry for entry in stack if not entry.filename.startswith(OWN_FOLDER)]


def without_own(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback from its first frame outside of this package on."""
    while traceback is not None and _is_own(traceback):
        traceback = traceback.tb_next
    return traceback


def pruned(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback without any frame of this package; it is changed."""
    first = last = without_own(traceback)
    while last is not None:
        last.tb_next = without_own(last.tb_next)
        last = last.tb_next
    return first


def _is_own(traceback: TracebackType) -> bool:
    return traceback.tb_frame.f_code.co_filename.startswith(OWN_FOLDER)
