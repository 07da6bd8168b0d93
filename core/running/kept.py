"""What finished runs take of a server's memory: bounded, and the oldest are let go first."""

import threading
from collections import OrderedDict

from core.limits import LIMITS
from core.running.comparison import Comparison

MB = 1 << 20


class Kept:
    """The finished comparisons of all sessions, with a bound on what they hold together."""

    def __init__(self, most_bytes: int = LIMITS.kept_mb * MB) -> None:
        """Keep nothing yet, and never more than so many bytes, but for the latest comparison."""
        self._most_bytes = most_bytes
        self._sizes: OrderedDict[Comparison, int] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size_bytes(self) -> int:
        """How much is kept."""
        with self._lock:
            return sum(self._sizes.values())

    def keep(self, comparison: Comparison) -> None:
        """Keep what has ended, as the latest; let go of the oldest where there is no room."""
        with self._lock:
            self._sizes[comparison] = sum(each.size_bytes for each in comparison.measurements)
            gone = self._too_many()
        for oldest in gone:
            for measurement in oldest.measurements:
                measurement.let_go()

    def forget(self, comparison: Comparison) -> None:
        """Count something no longer: its owner has no use for it any more."""
        with self._lock:
            self._sizes.pop(comparison, None)

    def _too_many(self) -> list[Comparison]:
        gone = []
        total = sum(self._sizes.values())
        while total > self._most_bytes and len(self._sizes) > 1:
            oldest, size = self._sizes.popitem(last=False)
            total -= size
            gone.append(oldest)
        return gone
