"""Tracebacks and stacks as a program prints them, without the frames of the recorder.

A loop that records, a call that is a job, and what runs the script itself stand in each of them.
They are left out where a text is made of them, so that nothing is paid before: all of the module
`traceback`, hence logging and asyncio, makes it in one function. What the interpreter prints in C
(up to Python 3.12, at the end of a program) is mended before by `without_ours`.
Source: CPython, `StackSummary._extract_from_extended_frame_gen` in `Lib/traceback.py`.
"""

import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from .once_imported import once_imported
from .own_frames import is_own, pruned


class HiddenFrames:
    """Knows which frames are the recorder's: its own, and those that have started it."""

    def __init__(self, started_by: FrameType | None = None) -> None:
        """Take a frame, and those that it was called by, for frames of the recorder."""
        self._outer: set[FrameType] = set()
        while started_by is not None:
            self._outer.add(started_by)
            started_by = started_by.f_back

    def hide(self) -> None:
        """Leave them out of all texts from now on, to the end of the process."""
        once_imported("traceback", self._replace)

    def is_ours(self, frame: FrameType) -> bool:
        """Return whether a frame would not be there without the recorder."""
        return is_own(frame) or frame in self._outer

    def _is_in_program(self, frame: FrameType) -> bool:
        is_asyncio = os.path.basename(os.path.dirname(frame.f_code.co_filename)) == "asyncio"  # noqa: PTH119, PTH120
        return not is_asyncio and not self.is_ours(frame)

    def _replace(self) -> None:
        kind: Any = sys.modules["traceback"].StackSummary
        before: Callable[..., Any] = kind._extract_from_extended_frame_gen.__func__  # noqa: SLF001
        is_ours, in_program = self.is_ours, self._is_in_program

        def _extract_from_extended_frame_gen(cls: Any, frame_gen: Any, **options: Any) -> Any:
            # At once and in here: `walk_stack` counts the frames between it and who asks.
            found = list(frame_gen)
            kept: list[Any] = []
            if sys._getframe(1).f_code.co_name == "extract":  # noqa: SLF001
                # A stack, from its innermost frame on: of that of a task or a handle in debug mode
                # the loop takes away by number what is its own.
                kept = found[: next((n for n, it in enumerate(found) if in_program(it[0])), None)]
            kept += [each for each in found[len(kept) :] if not is_ours(each[0])]
            return before(cls, iter(kept), **options)

        function: Any = _extract_from_extended_frame_gen
        own: Any = classmethod(function)
        kind._extract_from_extended_frame_gen = own  # noqa: SLF001

    def without_ours(self, error: BaseException) -> None:
        """Take the frames out of the tracebacks of an error, and of those that go with it."""
        seen: set[int] = set()
        waiting: list[BaseException | None] = [error]
        while waiting:
            each = waiting.pop()
            if each is None or id(each) in seen:
                continue
            seen.add(id(each))
            each.__traceback__ = pruned(each.__traceback__, self.is_ours)
            waiting += [each.__cause__, each.__context__]
            if isinstance(each, BaseExceptionGroup):
                waiting += each.exceptions
