"""Stacks and tracebacks as a program sees them without this package."""

import os
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traceback import FrameSummary

OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep  # noqa: PTH100, PTH120 - as frames


def leave_out_own(stack: "list[FrameSummary]") -> None:
    """Remove this package from a stack that debug mode shows, wherever it stands in it.

    How many methods of ours lie on the way to a task depends on what it is made by.
    """
    stack[:] = [entry for entry in stack if not entry.filename.startswith(OWN_FOLDER)]


def is_own(frame: FrameType) -> bool:
    """Return whether a frame runs code of this package."""
    return frame.f_code.co_filename.startswith(OWN_FOLDER)


def without_own(
    traceback: TracebackType | None, is_ours: Callable[[FrameType], bool] = is_own
) -> TracebackType | None:
    """Return a traceback from its first frame on that is not ours."""
    while traceback is not None and is_ours(traceback.tb_frame):
        traceback = traceback.tb_next
    return traceback


def pruned(
    traceback: TracebackType | None, is_ours: Callable[[FrameType], bool] = is_own
) -> TracebackType | None:
    """Return a traceback without any frame that is ours; it is changed."""
    first = last = without_own(traceback, is_ours)
    while last is not None:
        last.tb_next = without_own(last.tb_next, is_ours)
        last = last.tb_next
    return first
