"""Warm starts: measuring children that need not wait for an interpreter."""

import threading
from collections import deque
from contextlib import suppress

from core.measuring.forking import CAN_FORK, Forking, ZygoteGone
from core.measuring.process import ChildProcess


class Spares:
    """Gives measuring children to everybody on this server.

    On Linux a zygote forks each when it is needed, in a few milliseconds. Elsewhere some wait warm,
    and are started again between runs rather than during one: an interpreter that starts takes a
    tenth of a second of a processor, which a run beside it would feel.
    """

    def __init__(self, size: int, *, forks: bool = CAN_FORK) -> None:
        """Keep children warm.

        Args:
            size: How many; 0 starts each child, and its interpreter, when it is needed.
            forks: Whether a zygote may take their place.
        """
        self._forking = Forking() if size and forks else None
        self._size = 0 if self._forking else size
        self._children: deque[ChildProcess] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self.refill()

    @property
    def zygote(self) -> int | None:
        """The id of the process that forks the children; None if there is none."""
        return None if self._forking is None else self._forking.pid

    def take(self) -> ChildProcess:
        """Return a child, warm if there is one; it belongs to the caller.

        A spare that did not live to be used, for example killed for its memory, is passed over. In
        place of a zygote that forks nothing, as it was killed or stopped, an interpreter starts.

        Raises:
            OSError: If this machine starts no more processes.
        """
        if self._forking is not None:
            with suppress(ZygoteGone):
                return ChildProcess(start=self._forking.fork)
        with self._lock:
            while self._children:
                child = self._children.popleft()
                if child.is_alive:
                    return child
                child.close()
        return ChildProcess()

    def refill(self) -> None:
        """Start children until there are as many as there should be."""
        with self._lock:
            while not self._closed and len(self._children) < self._size:
                self._children.append(ChildProcess())

    def close(self) -> None:
        """End all children that wait, and the zygote with its children; no more are kept."""
        with self._lock:
            self._closed = True
            while self._children:
                self._children.popleft().close()
        if self._forking is not None:
            self._forking.close()
