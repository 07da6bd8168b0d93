"""How far another machine's clock is ahead, estimated by asking it what time it is.

Source: F. Cristian, "Probabilistic clock synchronization", Distributed Computing 3 (1989),
pages 146 to 158: of several round trips the shortest tells most, and its half is the uncertainty.
"""

import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROUND_TRIPS = 10
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TIME_NAMESPACE = Path("/proc/self/ns/time")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """One question for the time: sent and received by our clock, answered by theirs, in ns."""

    sent_ns: int
    theirs_ns: int
    received_ns: int

    @property
    def lasted_ns(self) -> int:
        """How long the answer took to come."""
        return self.received_ns - self.sent_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """How far a clock is ahead of ours, give or take the uncertainty, in nanoseconds."""

    ahead_ns: int = 0
    uncertainty_ns: int = 0


def offset(round_trips: Iterable[RoundTrip]) -> Offset:
    """Return the offset that the shortest of some round trips tells."""
    best = min(round_trips, key=lambda trip: trip.lasted_ns)
    return Offset(
        ahead_ns=best.theirs_ns - (best.sent_ns + best.received_ns) // 2,
        uncertainty_ns=(best.lasted_ns + 1) // 2,
    )


def ask(ours: Callable[[], int], theirs: Callable[[], int]) -> Offset:
    """Return how far their clock is ahead of ours; each call of `theirs` is a round trip."""
    return offset(
        RoundTrip(sent_ns=ours(), theirs_ns=theirs(), received_ns=ours())
        for _ in range(ROUND_TRIPS)
    )


def clock_identity() -> str:
    """Return a text that processes have in common if, and only if, they share `perf_counter`.

    On Linux this is the machine's boot and the namespace of time, elsewhere the machine's name.
    """
    try:
        return f"{BOOT_ID.read_text().strip()} {TIME_NAMESPACE.readlink()}"
    except OSError:
        return platform.node()
