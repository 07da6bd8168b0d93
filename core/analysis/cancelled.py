"""Who cancelled which jobs of a run, and how they took it, in sentences."""

import math
from collections.abc import Iterator

from core.analysis.findings import WORTH_SAYING_NS, Cancelled, cancellations, failures
from core.analysis.job_label import job_text
from core.recording.events import NOBODY, Canceller
from core.text.language import _, duration_text, ngettext
from core.timeline.timeline import Timeline


def cancelled_texts(timeline: Timeline) -> Iterator[str]:
    """Return who cancelled which jobs, and how they took it, in sentences."""
    failed_ns = {failure.job: failure.at_ns for failure in failures(timeline)}
    for cancelled in cancellations(timeline):
        count = len(cancelled.jobs)
        # A job whose time-out cancels another one may fail of it afterwards: no failure came first.
        failed = cancelled.at_ns >= failed_ns.get(cancelled.by, math.inf) and not cancelled.itself
        since_ns = failed_ns[cancelled.by] if failed else 0
        yield _cancelled_text(timeline, cancelled, failed=failed).format(
            count=count,
            job=job_text(timeline, cancelled.by),
            time=duration_text(cancelled.at_ns - since_ns),
        )
        if cancelled.again_ns:
            yield ngettext(
                "{count:,} was cancelled again before it had ended, after {time}.",
                "{count:,} were cancelled again before they had ended, the first after {time}.",
                len(cancelled.again_ns),
            ).format(count=len(cancelled.again_ns), time=duration_text(min(cancelled.again_ns)))
        if cancelled.failed:
            text = ngettext(
                "It failed instead, after {ended}.",
                "They failed instead, the last one after {ended}.",
                count,
            )
            yield text.format(ended=duration_text(cancelled.ended_ns))
        elif not cancelled.heeded:
            text = ngettext(
                "It ignored that and ended after {ended}.",
                "They ignored that, and the last one ended after {ended}.",
                count,
            )
            yield text.format(ended=duration_text(cancelled.ended_ns))
        elif cancelled.longest_ns >= WORTH_SAYING_NS:
            text = ngettext("It took {later} to end.", "They took up to {later} to end.", count)
            yield text.format(later=duration_text(cancelled.longest_ns))


def _cancelled_text(timeline: Timeline, cancelled: Cancelled, *, failed: bool) -> str:
    """Return who cancelled whom, with places for `count`, `job` and `time`."""
    count = len(cancelled.jobs)
    if failed:
        return ngettext(
            "{count:,} job was cancelled {time} later, because {job} had failed.",
            "{count:,} jobs were cancelled {time} later, because {job} had failed.",
            count,
        )
    if cancelled.how == Canceller.RUN or (
        cancelled.how == Canceller.PATTERN and cancelled.is_after(timeline)
    ):
        return _cancelled_at_the_end(timeline, cancelled)
    if cancelled.itself:
        return _cancelled_by_itself(cancelled)
    if cancelled.how == Canceller.UNKNOWN:
        return ngettext(
            "{count:,} job was cancelled after {time}; who did it is not known.",
            "{count:,} jobs were cancelled, the first after {time}; who did it is not known.",
            count,
        )
    return _cancelled_by_others(cancelled)


def _cancelled_by_others(cancelled: Cancelled) -> str:
    count = len(cancelled.jobs)
    if cancelled.by != NOBODY:
        return ngettext(
            "{count:,} job was cancelled by {job} after {time}.",
            "{count:,} jobs were cancelled by {job}, the first after {time}.",
            count,
        )
    if cancelled.how == Canceller.JOB:
        return ngettext(
            "{count:,} job was cancelled by another job after {time}.",
            "{count:,} jobs were cancelled by other jobs, the first after {time}.",
            count,
        )
    if cancelled.is_one_by_one:
        return _("{count:,} jobs were cancelled by the pattern, the first after {time}.")
    return ngettext(
        "{count:,} job was cancelled by the pattern after {time}.",
        "{count:,} jobs were cancelled by the pattern after {time}.",
        count,
    )


def _cancelled_at_the_end(timeline: Timeline, cancelled: Cancelled) -> str:
    count = len(cancelled.jobs)
    if cancelled.is_after(timeline):
        return ngettext(
            "{count:,} job was cancelled by asyncio.run, after the pattern had returned.",
            "{count:,} jobs were cancelled by asyncio.run, after the pattern had returned.",
            count,
        )
    return ngettext(
        "{count:,} job was cancelled by asyncio.run at its end, after {time}.",
        "{count:,} jobs were cancelled by asyncio.run at its end, after {time}.",
        count,
    )


def _cancelled_by_itself(cancelled: Cancelled) -> str:
    count = len(cancelled.jobs)
    if cancelled.how == Canceller.TIMEOUT:
        return ngettext(
            "{count:,} job was cancelled by its own time-out after {time}.",
            "{count:,} jobs were cancelled by their own time-outs, the first after {time}.",
            count,
        )
    if cancelled.how == Canceller.GROUP:
        return ngettext(
            "{count:,} job was cancelled by its own task group after {time}.",
            "{count:,} jobs were cancelled by their own task groups, the first after {time}.",
            count,
        )
    return ngettext(
        "{count:,} job cancelled itself after {time}.",
        "{count:,} jobs cancelled themselves, the first after {time}.",
        count,
    )
