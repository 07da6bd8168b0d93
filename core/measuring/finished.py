"""What a server keeps of finished runs: results, up to a bound, and a line in its log."""

import json
import logging
import os
import sys
import threading
from collections import Counter, OrderedDict
from typing import Protocol

from core.errors import ProcessStuck, RunFailed
from core.measuring.comparison import Comparison
from core.measuring.measurement import Measurement
from core.measuring.resources import allowed_bytes
from core.settings import LOG as SWITCH
from core.spec.limits import LIMITS

MB = 1 << 20
# A quarter for finished runs, a quarter for uploads, half for the server and what it reads.
SHARE = 4


class Cacheable(Protocol):
    """What can be kept: the runs of a comparison, or those of a file."""

    @property
    def size_bytes(self) -> int:
        """How much memory it takes."""

    def evict(self) -> None:
        """Forget what it holds, and say so where it is asked for."""


def most_kept_bytes() -> int:
    """Return what may be kept of all sessions' runs: the limit, or a quarter of the memory."""
    return int(min(LIMITS.kept_mb * MB, allowed_bytes() / SHARE))


class ResultCache:
    """The finished runs of all sessions, with a bound on what they hold together.

    They are kept here and not in the sessions' states, since only who knows all of them can tell
    which is the oldest. A page whose runs were evicted says so.
    """

    def __init__(self, most_bytes: int | None = None) -> None:
        """Keep nothing yet, and never more than so many bytes, but for the latest."""
        self._most_bytes = most_kept_bytes() if most_bytes is None else most_bytes
        self._sizes: OrderedDict[Cacheable, int] = OrderedDict()
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

    def keep(self, latest: Cacheable) -> None:
        """Keep what has ended, as the latest; evict the oldest where there is no room."""
        with self._lock:
            # Popped first: a dictionary leaves a key that it has at its old place.
            self._sizes.pop(latest, None)
            self._sizes[latest] = latest.size_bytes
            gone = self._too_many()
        # Without the lock: an eviction waits for a lock of the run, and others should not.
        for oldest in gone:
            oldest.evict()

    def forget(self, useless: Cacheable) -> None:
        """Count something no longer: its owner has no use for it any more."""
        with self._lock:
            self._sizes.pop(useless, None)

    def _too_many(self) -> list[Cacheable]:
        gone = []
        total = sum(self._sizes.values())
        # The latest stays even where it alone is too large: somebody is about to look at it.
        while total > self._most_bytes and len(self._sizes) > 1:
            oldest, size = self._sizes.popitem(last=False)
            total -= size
            gone.append(oldest)
        return gone


LOG = logging.getLogger("loopscope")
OK = "ok"
NS_PER_MS = 1_000_000


class RunLog:
    """Counts runs by how they ended, and logs each as one line of JSON.

    Nobody's data is in it: a session is a number of this process, and of a run's results, texts
    and errors only the kind of error is told.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, comparison: Comparison, session: str) -> None:
        """Note the runs of a comparison that has ended."""
        for measurement in comparison.measurements:
            self.count(outcome(measurement))
            LOG.info(json.dumps(_line(comparison, measurement, session)))

    def note_own_code(self, how: str, *, waited_s: float, took_s: float, session: str) -> None:
        """Note a run of somebody's own code that has ended; not the code."""
        self.count(f"own code: {how}")
        line = {
            "event": "own code",
            "session": session,
            "waited_ms": round(waited_s * 1e3, 1),
            "took_ms": round(took_s * 1e3, 1),
            "outcome": how,
        }
        LOG.info(json.dumps(line))

    def count(self, what: str) -> None:
        """Count something, such as a refusal."""
        with self._lock:
            self._counts[what] += 1

    @property
    def counts(self) -> dict[str, int]:
        """How often each has happened, the most frequent first."""
        with self._lock:
            return dict(self._counts.most_common())


def outcome(measurement: Measurement) -> str:
    """Return how a run ended: `ok`, or the kind of the error that ended it, or that it raised."""
    error = measurement.error
    name = type(error).__name__
    match error:
        case None:
            return OK if measurement.raised is None else f"raised ({measurement.raised})"
        case RunFailed():
            return f"{name} ({error.kind})"
        case ProcessStuck():
            return f"{name} ({error.stuck.role})"
    return name


def _line(comparison: Comparison, measurement: Measurement, session: str) -> dict[str, object]:
    wall_ns = measurement.wall_ns
    spec = measurement.spec.as_dict()
    line: dict[str, object] = {
        "event": "run",
        "session": session,
        "spec": {name: value for name, value in spec.items() if value is not None},
        "waited_ms": round(comparison.waited_s * 1e3, 1),
        "wall_ms": None if wall_ns is None else round(wall_ns / NS_PER_MS, 3),
        "outcome": outcome(measurement),
    }
    if failed_jobs := measurement.failed_jobs:
        line["failed_jobs"] = dict(failed_jobs.most_common())
    return line


def log_if_asked() -> None:
    """Write the log of runs to standard error if `LOOPSCOPE_LOG` is 1; once for this process."""
    if os.environ.get(SWITCH) == "1" and not LOG.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        LOG.addHandler(handler)
        LOG.setLevel(logging.INFO)
        # Where the root logger has a handler, it would write each line a second time.
        LOG.propagate = False
