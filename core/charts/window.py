"""The window of a chart: which stretch of time, and which jobs, are in view."""

from dataclasses import dataclass

from core.timeline.timeline import Booleans, Integers, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time since the runs' start, in nanoseconds, and of jobs.

    `jobs` are the numbers of the first and the last job in view, counted from 0; None shows all.

    Raises:
        ValueError: On creation, if nothing could be in the window.
    """

    start_ns: int
    end_ns: int
    jobs: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Check that something could be in the window."""
        if self.end_ns <= self.start_ns:
            raise ValueError(f"a window from {self.start_ns} to {self.end_ns} ns is empty")
        if self.jobs is not None and not 0 <= self.jobs[0] <= self.jobs[1]:
            raise ValueError(f"a window of the jobs {self.jobs[0]} to {self.jobs[1]} is empty")

    def shows(self, timeline: Timeline) -> Booleans:
        """Return which spans of a timeline are in the window, wholly or in part.

        A span that only touches an edge of the window is outside; one without a length is inside
        if it is where the window begins, or after.
        """
        spans = timeline.spans
        inside = (spans.start_ns < self.end_ns) & (spans.end_ns > self.start_ns)
        inside |= (spans.start_ns == spans.end_ns) & self._holds(spans.start_ns)
        if self.jobs is not None:
            inside &= (spans.job >= self.jobs[0]) & (spans.job <= self.jobs[1])
        return inside

    def _holds(self, times_ns: Integers) -> Booleans:
        held: Booleans = (times_ns >= self.start_ns) & (times_ns < self.end_ns)
        return held
