"""Waits for what another job held, and circles of them: who waited for whom, and in which line."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.analysis.findings import WORTH_SAYING_NS
from core.analysis.job_label import job_text
from core.recording.events import NOBODY
from core.text.language import _, duration_text, ngettext
from core.text.legible import shortened
from core.timeline.timeline import BLOCKING_NS, HELD_BY_JOBS, Deadlock, On, State, Timeline

MAX_DEADLOCKS = 3
MAX_IN_CIRCLE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Waits of several jobs for the same kind of thing, and the longest of them.

    `job` waited for `longest_ns` for what `holder` held; `jobs` is how many there were.
    """

    on: On
    jobs: int
    job: int
    holder: int
    longest_ns: int


def waits_for_holders(timeline: Timeline) -> list[Held]:
    """Return how long jobs waited for what others held, a kind of thing each.

    Waits in a deadlock are not among them: of those `Timeline.deadlocks` tells.
    """
    spans = timeline.spans
    waits = (spans.state == State.WAITING) & (spans.holder != NOBODY)
    waits &= spans.duration_ns >= WORTH_SAYING_NS
    for deadlock in timeline.deadlocks:
        during = (spans.start_ns <= deadlock.at_ns) & (deadlock.at_ns < spans.end_ns)
        waits &= ~(during & np.isin(spans.job, deadlock.jobs))
    found = []
    for on in HELD_BY_JOBS:
        of_kind = np.flatnonzero(waits & (spans.on == on))
        if not len(of_kind):
            continue
        longest = of_kind[spans.duration_ns[of_kind].argmax()]
        found.append(
            Held(
                on=on,
                jobs=len(np.unique(spans.job[of_kind])),
                job=int(spans.job[longest]),
                holder=int(spans.holder[longest]),
                longest_ns=int(spans.duration_ns[longest]),
            )
        )
    return found


def late_beginnings(timeline: Timeline) -> tuple[int, int]:
    """Return how many jobs were there for long before they began, and for how long at most, in ns.

    Those that could run and had to wait for the loop, or never began, do not count.
    """
    spans = timeline.spans
    begins = np.flatnonzero((spans.state == State.WAITING) & (spans.on == On.START))
    begins = begins[spans.duration_ns[begins] >= BLOCKING_NS]
    begins = begins[begins + 1 < len(spans)]
    begins = begins[spans.job[begins + 1] == spans.job[begins]]
    return len(begins), int(spans.duration_ns[begins].max(initial=0))


def held_texts(timeline: Timeline) -> Iterator[str]:
    """Return the deadlocks of a run in sentences, and then the other waits for what was held."""
    for deadlock in timeline.deadlocks[:MAX_DEADLOCKS]:
        yield _deadlock_text(timeline, deadlock)
    for each in waits_for_holders(timeline):
        yield _held_text(each).format(
            count=each.jobs,
            job=job_text(timeline, each.job, first=each.jobs == 1),
            holder=job_text(timeline, each.holder),
            longest=duration_text(each.longest_ns),
        )
    count, longest_ns = late_beginnings(timeline)
    if count:
        yield ngettext(
            "{count:,} job was made {longest} before it began.",
            "{count:,} jobs were made long before they began, up to {longest}.",
            count,
        ).format(count=count, longest=duration_text(longest_ns))


def _held_text(held: Held) -> str:
    """Return who waited for whom, with places for `count`, `job`, `holder` and `longest`."""
    if held.on is On.SEMAPHORE:
        return ngettext(
            "{job} waited {longest} for a slot of a semaphore that {holder} held.",
            "{count:,} jobs waited for a slot of a semaphore that others held, the longest was "
            "{job}: {longest}, for {holder}.",
            held.jobs,
        )
    if held.on is On.CONDITION:
        return ngettext(
            "{job} waited {longest} for the lock of a condition that {holder} held.",
            "{count:,} jobs waited for the lock of a condition that others held, the longest was "
            "{job}: {longest}, for {holder}.",
            held.jobs,
        )
    return ngettext(
        "{job} waited {longest} for a lock that {holder} held.",
        "{count:,} jobs waited for a lock that others held, the longest was {job}: "
        "{longest}, for {holder}.",
        held.jobs,
    )


def _deadlock_text(timeline: Timeline, deadlock: Deadlock) -> str:
    jobs = deadlock.jobs
    pairs = zip(jobs, (*jobs[1:], jobs[0]), strict=True)
    parts = [
        _wait_text(timeline, job, holder, deadlock.at_ns)
        for job, holder in list(pairs)[:MAX_IN_CIRCLE]
    ]
    if len(jobs) > MAX_IN_CIRCLE:
        parts.append("…")
    return _("Deadlock after {time}: {waits}.").format(
        time=duration_text(deadlock.at_ns), waits="; ".join(parts)
    )


def _wait_text(timeline: Timeline, job: int, holder: int, at_ns: int) -> str:
    spans = timeline.spans
    wait = (spans.job == job) & (spans.start_ns <= at_ns) & (at_ns < spans.end_ns)
    sites = spans.site[np.flatnonzero(wait)[:1]].tolist()
    where = timeline.code_at(sites[0]) if sites else None
    if job == holder:
        text = _("{job} waited at {where} for a lock that it held itself")
    else:
        text = _("{job} waited at {where} for a lock that {holder} held")
    return text.format(
        job=job_text(timeline, job),
        holder=job_text(timeline, holder),
        where=shortened(where or "?"),
    )
