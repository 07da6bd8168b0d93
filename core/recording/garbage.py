"""Garbage collections, which hold up whatever runs in the process."""

import gc
import threading

from .events import NOBODY, Kind
from .recorder import Recorder

WORTH_NOTING_NS = 1_000_000


class CollectionWatch:
    """Records collections of a millisecond or more, while it is among `gc.callbacks`.

    Python collects in whatever thread has made the object that was one too many, and has the GIL
    meanwhile.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._began_ns = 0

    def begin(self) -> None:
        """Note collections from now on."""
        gc.callbacks.append(self._note)

    def end(self) -> None:
        """Note no more of them."""
        if self._note in gc.callbacks:
            gc.callbacks.remove(self._note)

    def _note(self, phase: str, info: dict[str, int]) -> None:  # noqa: ARG002 - as gc calls it
        now_ns = self._recorder.clock()
        if phase == "start":
            self._began_ns = now_ns
        elif now_ns - self._began_ns >= WORTH_NOTING_NS:
            thread = threading.get_ident()
            on_loop = any(loop.thread == thread for loop in list(self._recorder.loops))
            self._recorder.append(
                (Kind.COLLECTED, NOBODY, 0, self._began_ns, now_ns, int(on_loop), NOBODY)
            )
