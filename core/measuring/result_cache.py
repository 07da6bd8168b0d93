"""What finished runs take of a server's memory: bounded, and the oldest are let go first."""

import threading
from collections import OrderedDict
from typing import Protocol

from core.measuring.memory import allowed_bytes
from core.spec.limits import LIMITS

MB = 1 << 20
SHARE = 4


class Keepable(Protocol):
    """What can be kept: the runs of a comparison, or those of a file."""

    @property
    def size_bytes(self) -> int:
        """How much memory it takes."""

    def let_go(self) -> None:
        """Forget what it holds, and say so where it is asked for."""


def most_kept_bytes() -> int:
    """Return what may be kept of all sessions' runs: the limit, or a quarter of the memory."""
    return int(min(LIMITS.kept_mb * MB, allowed_bytes() / SHARE))


class Kept:
    """The finished runs of all sessions, with a bound on what they hold together."""

    def __init__(self, most_bytes: int | None = None) -> None:
        """Keep nothing yet, and never more than so many bytes, but for the latest."""
        self._most_bytes = most_kept_bytes() if most_bytes is None else most_bytes
        self._sizes: OrderedDict[Keepable, int] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def most_bytes(self) -> int:
        """How much may be kept."""
        return self._most_bytes

    @property
    def size_bytes(self) -> int:
        """How much is kept."""
        with self._lock:
            return sum(self._sizes.values())

    def keep(self, latest: Keepable) -> None:
        """Keep what has ended, as the latest; let go of the oldest where there is no room."""
        with self._lock:
            self._sizes.pop(latest, None)
            self._sizes[latest] = latest.size_bytes
            gone = self._too_many()
        for oldest in gone:
            oldest.let_go()

    def forget(self, useless: Keepable) -> None:
        """Count something no longer: its owner has no use for it any more."""
        with self._lock:
            self._sizes.pop(useless, None)

    def _too_many(self) -> list[Keepable]:
        gone = []
        total = sum(self._sizes.values())
        while total > self._most_bytes and len(self._sizes) > 1:
            oldest, size = self._sizes.popitem(last=False)
            total -= size
            gone.append(oldest)
        return gone
