"""Waits for a sign of another job: an event, a condition or a barrier."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.analysis.findings import WORTH_SAYING_NS
from core.analysis.job_label import job_text
from core.recording.events import NOBODY
from core.text.language import duration_text, ngettext
from core.timeline.timeline import On, State, Timeline

SIGNALS = (On.EVENT, On.CONDITION, On.BARRIER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Waits of several jobs for the same kind of sign, and the job that waited longest.

    `job` waited for `longest_ns` in sum and was woken `times` times, at last by the job `waker`;
    `NOBODY` where that was no job. `jobs` is how many there were.
    """

    on: On
    jobs: int
    job: int
    longest_ns: int
    times: int
    waker: int


def signals(timeline: Timeline) -> list[Signal]:
    """Return how long jobs waited for signs of others, a kind of sign each.

    In programs of somebody's own, tasks that have nothing to do wait for events all the time: of
    those there is nothing to say.
    """
    if timeline.spec is None:
        return []
    spans = timeline.spans
    waits = (spans.state == State.WAITING) & (spans.holder == NOBODY)
    waits &= spans.duration_ns >= WORTH_SAYING_NS
    return [
        _of_kind(timeline, np.flatnonzero(of_kind), on)
        for on in SIGNALS
        if (of_kind := waits & (spans.on == on)).any()
    ]


def _of_kind(timeline: Timeline, waits: np.ndarray, on: On) -> Signal:
    spans = timeline.spans
    jobs, which = np.unique(spans.job[waits], return_inverse=True)
    sums_ns = np.bincount(which, weights=spans.duration_ns[waits])
    longest = int(sums_ns.argmax())
    of_longest = waits[which == longest]
    return Signal(
        on=on,
        jobs=len(jobs),
        job=int(jobs[longest]),
        longest_ns=int(sums_ns[longest]),
        times=len(of_longest),
        waker=_waker(timeline, int(of_longest[-1])),
    )


def _waker(timeline: Timeline, wait: int) -> int:
    """Return the job whose sign ended a wait; `NOBODY` where something else may have ended it."""
    spans, jobs = timeline.spans, timeline.jobs
    job, following = spans.job[wait], wait + 1
    is_woken = following < len(spans) and spans.job[following] == job
    # Who cancels a job wakes it, too.
    is_cancelled = jobs.cancelled_ns[jobs.number == job][0] != NOBODY
    return int(spans.waker[following]) if is_woken and not is_cancelled else NOBODY


def signal_texts(timeline: Timeline) -> Iterator[str]:
    """Return who waited longest for a sign, and who gave it, in a sentence for each kind."""
    for each in signals(timeline):
        yield _text(each).format(
            count=each.jobs,
            job=job_text(timeline, each.job, first=each.jobs == 1),
            longest=duration_text(each.longest_ns),
            times=each.times,
            waker=job_text(timeline, each.waker),
        )


def _text(signal: Signal) -> str:
    """Return a sentence with places for `count`, `job`, `longest`, `times` and `waker`."""
    if signal.on is On.CONDITION:
        return ngettext(
            "{job} waited {longest} for a condition (woken {times:,}×).",
            "{count:,} jobs waited for a condition, the longest was {job}: {longest} (woken "
            "{times:,}×).",
            signal.jobs,
        )
    if signal.waker == NOBODY:
        return _without_waker(signal)
    if signal.on is On.EVENT:
        return ngettext(
            "{job} waited {longest} for an event, until {waker} set it.",
            "{count:,} jobs waited for an event, the longest was {job}: {longest}, until "
            "{waker} set it.",
            signal.jobs,
        )
    return ngettext(
        "{job} waited {longest} at a barrier, until {waker} came.",
        "{count:,} jobs waited at a barrier, the longest was {job}: {longest}, until {waker} came.",
        signal.jobs,
    )


def _without_waker(signal: Signal) -> str:
    if signal.on is On.EVENT:
        return ngettext(
            "{job} waited {longest} for an event.",
            "{count:,} jobs waited for an event, the longest was {job}: {longest}.",
            signal.jobs,
        )
    return ngettext(
        "{job} waited {longest} at a barrier.",
        "{count:,} jobs waited at a barrier, the longest was {job}: {longest}.",
        signal.jobs,
    )
