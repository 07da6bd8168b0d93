"""Which event loops of a run share a band of its strip: those that never run at the same time."""

from dataclasses import dataclass

import numpy as np

from core.recording.events import lane_name
from core.text.language import _, ngettext
from core.timeline.timeline import Integers, Steps

MAX_BANDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Some loops, and how many of them may run at once: more than one only in the last band."""

    lanes: tuple[int, ...]
    at_once: int = 1

    def label(self, *, alone: bool) -> str:
        """Return what the band is called, beside others or `alone`."""
        count = len(self.lanes)
        if count > 1:
            return ngettext("{count:,} event loop", "{count:,} event loops", count).format(
                count=count
            )
        return _("event loop") if alone else lane_name(self.lanes[0])

    def steps_of(self, steps: Steps) -> Steps:
        """Return the steps of the band's loops, in the order of their times."""
        own = steps.where(np.isin(steps.lane, self.lanes))
        return own.where(np.argsort(own.start_ns, kind="stable"))


def bands(steps: Steps) -> list[Band]:
    """Return the bands of some loops, from top to bottom; none for no steps.

    A program may run a hundred loops one after another: these are one band. What does not fit into
    `MAX_BANDS` is summed up in the last one.
    """
    lanes = steps.lanes
    first_ns, last_ns = _from_first_to_last_step(steps)
    groups: list[list[int]] = []
    free_ns: list[int] = []
    for place in np.argsort(first_ns, kind="stable").tolist():
        fitting = [band for band, until_ns in enumerate(free_ns) if until_ns <= first_ns[place]]
        if fitting:
            groups[fitting[0]].append(lanes[place])
            free_ns[fitting[0]] = int(last_ns[place])
        else:
            groups.append([lanes[place]])
            free_ns.append(int(last_ns[place]))
    found = [Band(lanes=tuple(group)) for group in groups[:MAX_BANDS]]
    more = groups[MAX_BANDS - 1 :]
    if len(more) > 1:
        together = tuple(lane for group in more for lane in group)
        found[-1] = Band(lanes=together, at_once=len(more))
    return found


def _from_first_to_last_step(steps: Steps) -> tuple[Integers, Integers]:
    """Return when the first step of each loop began, and its last one ended."""
    first = np.flatnonzero(np.diff(steps.lane, prepend=-1))
    last = np.append(first[1:], len(steps))[: len(first)] - 1
    return steps.start_ns[first], steps.end_ns[last]
