"""Warm spares: measuring children started ahead, so that a run need not wait for an interpreter."""

import threading
from collections import deque

from core.running.process import ChildProcess


class Spares:
    """Children that wait for a spec, shared by everybody on this server.

    They are started again between runs rather than during one: an interpreter that starts takes
    a tenth of a second of a processor, which a run beside it would feel.
    """

    def __init__(self, size: int) -> None:
        """Keep `size` children warm; 0 starts each child when it is needed."""
        self._size = size
        self._children: deque[ChildProcess] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self.refill()

    def take(self) -> ChildProcess:
        """Return a child, warm if there is one; it belongs to the caller.

        A spare that did not live to be used, for example killed for its memory, is passed over.

        Raises:
            OSError: If this machine starts no more processes.
        """
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
        """End all children; none is started any more."""
        with self._lock:
            self._closed = True
            while self._children:
                self._children.popleft().close()
