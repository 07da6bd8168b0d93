"""Who came home when: finished runs by their wall times, as a replay announces them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.analysis.metrics import did_all, tells_of_its_pattern
from core.analysis.summary import caveat_text, run_name
from core.text.numbers import duration_text
from core.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The end of a run.

    Attributes:
        wall_ns: Its wall time.
        rank: Its place, from 1; runs whose times read the same share one.
        text: What to say of it.
    """

    wall_ns: int
    rank: int
    text: str


def arrivals(timelines: Sequence[Timeline]) -> list[Arrival]:
    """Return the ends of finished runs, in the order in which they came."""
    in_order = sorted(timelines, key=lambda timeline: timeline.wall_ns)
    times = [duration_text(timeline.wall_ns) for timeline in in_order]
    return [
        Arrival(
            wall_ns=timeline.wall_ns,
            rank=times.index(time) + 1,
            text=" ".join(filter(None, [f"{run_name(timeline.spec)}: {time}", _caveat(timeline)])),
        )
        for timeline, time in zip(in_order, times, strict=True)
    ]


def ranked(timelines: Sequence[Timeline]) -> bool:
    """Whether runs have a first and a last: several, each whole and undisturbed."""
    return len(timelines) > 1 and all(
        did_all(each) and tells_of_its_pattern(each) for each in timelines
    )


def _caveat(timeline: Timeline) -> str:
    caveat = caveat_text(timeline)
    return f"({caveat})" if caveat else ""
