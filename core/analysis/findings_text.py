"""What happened in a run out of the ordinary, in plain words from the data."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from core.analysis.cancelled import cancelled_texts
from core.analysis.findings import (
    WORTH_SAYING_NS,
    Failure,
    Hold,
    Late,
    connecting,
    errors_returned,
    excused,
    failures,
    holds,
    late_jobs,
    never_begun,
    slow_callback_warnings,
    worked_on,
)
from core.analysis.held import held_texts
from core.analysis.job_label import job_text
from core.analysis.metrics import is_disturbed, known_disturbance_ns
from core.analysis.signals import signal_texts
from core.jobs import Spread
from core.patterns import PATTERNS
from core.text.language import _, duration_text, ngettext, number_text
from core.text.legible import legible, shortened
from core.timeline.timeline import Cause, Outcome, Timeline
from core.workloads.failures import failure_text

MAX_HOLDS = 3
MAX_NAMED = 5


def findings_text(timeline: Timeline) -> str:
    """Return sentences about what went wrong, or otherwise than expected; empty if nothing did."""
    findings = (
        *(held_texts, signal_texts, _of_holds, _of_the_recording, _of_silence),
        *(_of_the_machine, _of_warnings, _of_failures, cancelled_texts),
        *(_of_lost_jobs, _of_second_attempts),
        *(_of_work_for_nobody, _of_results, _of_connections, _of_the_service),
        *(_of_the_start_up, _of_the_pattern),
    )
    return legible(" ".join(text for find in findings for text in find(timeline)))


def _of_holds(timeline: Timeline) -> Iterator[str]:
    for hold in holds(timeline)[:MAX_HOLDS]:
        yield _hold_text(hold).format(
            where=shortened(hold.where or _("A step")),
            times=hold.times,
            longest=duration_text(hold.longest_ns),
        )
    yield from _of_excused_steps(timeline)
    if late := late_jobs(timeline):
        yield ngettext(
            "{count:,} job was ready, and had to wait for the loop for {longest}.",
            "{count:,} jobs were ready, and had to wait for the loop for up to {longest}.",
            late.jobs,
        ).format(count=late.jobs, longest=duration_text(late.longest_ns))
        if late.loop_was_free:
            yield _late_text(timeline, late)


def _of_excused_steps(timeline: Timeline) -> Iterator[str]:
    """Say which steps were long through no fault of the program; `_of_the_machine` has the rest."""
    for each in excused(timeline):
        if each.cause is Cause.GIL:
            text = ngettext(
                "The loop's thread waited for the GIL, which other threads had, for {longest}.",
                "The loop's thread waited for the GIL, which other threads had, {times:,} times, "
                "for up to {longest}.",
                each.times,
            )
        elif each.cause is Cause.COLLECTION:
            text = ngettext(
                "A garbage collection held the event loop for {longest}.",
                "Garbage collections held the event loop {times:,} times, for up to {longest}.",
                each.times,
            )
        else:
            continue
        yield text.format(times=each.times, longest=duration_text(each.longest_ns))


def _late_text(timeline: Timeline, late: Late) -> str:
    """Return why a job was late though no step held the loop, as far as that is known."""
    if 2 * known_disturbance_ns(timeline) >= late.longest_ns:
        return _("For most of that time no step held the loop: the machine woke it late.")
    if late.threads_worked:
        return _(
            "For most of that time no step held the loop: threads had the GIL, or the machine woke "
            "it late."
        )
    if late.set_outside:
        return _(
            "For most of that time no step held the loop: it slept, as happens where a thread sets "
            "a future and does not wake the loop."
        )
    return _("For most of that time no step held the loop; why it went on late is not known.")


def _hold_text(hold: Hold) -> str:
    """Return who held the loop, with places for `where`, `times` and `longest`."""
    if hold.goes_on:
        return _("{where} has held the event loop for {longest} so far.")
    return ngettext(
        "{where} held the event loop for {longest}.",
        "{where} held the event loop {times:,} times, for up to {longest}.",
        hold.times,
    )


def _of_the_recording(timeline: Timeline) -> Iterator[str]:
    if timeline.recording_failure is not None:
        yield _(
            "The recording ended early, as a part of the recorder failed ({reason}); what came "
            "later is not known."
        ).format(reason=timeline.recording_failure)


def _of_silence(timeline: Timeline) -> Iterator[str]:
    if timeline.silent_ns:
        yield _(
            "Nothing is known of the last {time}: the process sent nothing, as happens while one "
            "call keeps the GIL."
        ).format(time=duration_text(timeline.silent_ns))


def _of_the_machine(timeline: Timeline) -> Iterator[str]:
    """Say that the machine made steps long, unless `caveats` says it of the whole run."""
    in_steps_ns = sum(each.sum_ns for each in excused(timeline) if each.cause is Cause.MACHINE)
    if in_steps_ns and not is_disturbed(timeline):
        yield _(
            "The machine had other work: threads of this run waited {time} for a processor."
        ).format(time=duration_text(max(known_disturbance_ns(timeline), in_steps_ns)))


def _of_warnings(timeline: Timeline) -> Iterator[str]:
    count = slow_callback_warnings(timeline)
    if count:
        yield ngettext(
            "asyncio warned of {count:,} slow callback.",
            "asyncio warned of {count:,} slow callbacks.",
            count,
        ).format(count=count)


def _of_failures(timeline: Timeline) -> Iterator[str]:
    failed = failures(timeline)
    if len(failed) > 1:
        kinds = _kinds_text(failed)
        text = (
            _("{count:,} jobs failed ({kinds}), the first after {time}.")
            if kinds
            else _("{count:,} jobs failed, the first after {time}.")
        )
        yield text.format(count=len(failed), kinds=kinds, time=duration_text(failed[0].at_ns))
        if 0 < (returned := errors_returned(timeline)) < len(failed):
            yield ngettext(
                "Only {count:,} of these errors is among the results.",
                "Only {count:,} of these errors are among the results.",
                returned,
            ).format(count=returned)
    elif failed:
        yield from _of_one_failure(timeline, failed[0])


def _kinds_text(failed: Sequence[Failure]) -> str:
    """Return the kinds of errors, the commonest first; empty where none is known."""
    kinds = Counter(shortened(each.error.kind) for each in failed if each.error is not None)
    if len(kinds) <= 1:
        return "".join(kinds)
    texts = [f"{number_text(count)} × {kind}" for kind, count in kinds.most_common(MAX_NAMED)]
    return ", ".join([*texts, *(["…"] if len(kinds) > MAX_NAMED else [])])


def _of_one_failure(timeline: Timeline, failure: Failure) -> Iterator[str]:
    yield _("{job} failed after {time}.").format(
        job=job_text(timeline, failure.job, first=True), time=duration_text(failure.at_ns)
    )
    is_ok = np.array(timeline.jobs.outcome) == Outcome.OK
    before = int((is_ok & (timeline.jobs.ended_ns <= failure.at_ns)).sum())
    after = int(is_ok.sum()) - before
    if before:
        yield ngettext(
            "{count:,} job had already ended.", "{count:,} jobs had already ended.", before
        ).format(count=before)
    if after:
        yield ngettext(
            "{count:,} job still ran to completion.",
            "{count:,} jobs still ran to completion.",
            after,
        ).format(count=after)


def _of_lost_jobs(timeline: Timeline) -> Iterator[str]:
    if timeline.recording_failure is not None:
        return
    lost = timeline.jobs.outcome.count(Outcome.LOST)
    never = min(lost, never_begun(timeline))
    if never:
        yield _never_begun_text(never, finished=timeline.finished).format(count=never)
    if lost > never:
        yield _unfinished_text(lost - never, finished=timeline.finished).format(count=lost - never)


def _never_begun_text(count: int, *, finished: bool) -> str:
    if finished:
        return ngettext("{count:,} job never began.", "{count:,} jobs never began.", count)
    return ngettext("{count:,} job had not begun.", "{count:,} jobs had not begun.", count)


def _unfinished_text(count: int, *, finished: bool) -> str:
    if finished:
        return ngettext(
            "{count:,} job began and never finished.",
            "{count:,} jobs began and never finished.",
            count,
        )
    return ngettext(
        "{count:,} job had begun and not finished.",
        "{count:,} jobs had begun and not finished.",
        count,
    )


def _of_second_attempts(timeline: Timeline) -> Iterator[str]:
    again = timeline.jobs.attempts > 1
    if count := int(again.sum()):
        yield ngettext(
            "{count:,} job was begun {times:,} times, because its worker was lost.",
            "{count:,} jobs were begun up to {times:,} times, because their workers were lost.",
            count,
        ).format(count=count, times=int(timeline.jobs.attempts.max()))


def _of_work_for_nobody(timeline: Timeline) -> Iterator[str]:
    count, longest_ns = worked_on(timeline)
    if count:
        yield ngettext(
            "{count:,} job worked on for {longest} after the pattern had returned.",
            "{count:,} jobs worked on for up to {longest} after the pattern had returned.",
            count,
        ).format(count=count, longest=duration_text(longest_ns))


def _of_results(timeline: Timeline) -> Iterator[str]:
    """Say what is odd about the results, or which order they have if jobs ended in another one."""
    if timeline.spec is not None and PATTERNS[timeline.spec.pattern].tasks_are_jobs:
        is_well = set(timeline.jobs.outcome) == {Outcome.OK}
        if is_well and len(timeline.results) > 1 and len(set(timeline.results)) == 1:
            yield _("All {count:,} jobs returned the same: {result}.").format(
                count=len(timeline.results), result=shortened(timeline.results[0])
            )
        return
    if timeline.spec is None or timeline.spec.spread == Spread.EQUAL:
        return
    by_number = [result for result in timeline.jobs.result if result is not None]
    by_end = np.argsort(timeline.jobs.ended_ns, kind="stable").tolist()
    if by_end == sorted(by_end) or len(by_number) < len(by_end):
        return
    if list(timeline.results) == by_number:
        yield _("The results are in the order of the arguments, not in that of the jobs' ends.")
    elif list(timeline.results) == [timeline.jobs.result[row] for row in by_end]:
        named = ", ".join(str(timeline.jobs.number[row] + 1) for row in by_end[:MAX_NAMED])
        yield _("The results are in the order in which the jobs ended: {numbers}.").format(
            numbers=named if len(by_end) <= MAX_NAMED else f"{named}, …"
        )


def _of_connections(timeline: Timeline) -> Iterator[str]:
    count, longest_ns = connecting(timeline)
    if count:
        yield ngettext(
            "{count:,} job waited for a connection, for {longest}.",
            "{count:,} jobs waited for a connection, for up to {longest}.",
            count,
        ).format(count=count, longest=duration_text(longest_ns))


def _of_the_service(timeline: Timeline) -> Iterator[str]:
    if timeline.served:
        names = {
            "requests": _("{count:,} requests"),
            "at most at once": _("at most {count:,} at once"),
            "refused": _("{count:,} refused for their rate"),
        }
        counts = ", ".join(
            names[what].format(count=count)
            if what in names
            else f"{number_text(count)} {shortened(what)}"
            for what, count in timeline.served.items()
        )
        yield _("The server counted {counts}.").format(counts=counts)


def _of_the_start_up(timeline: Timeline) -> Iterator[str]:
    if timeline.startup_ns >= WORTH_SAYING_NS:
        method = timeline.start_method
        text = (
            _("Starting the pool took {time}, which is not part of the wall time.")
            if method is None
            else _("Starting the pool took {time} ({method}), which is not part of the wall time.")
        )
        yield text.format(time=duration_text(timeline.startup_ns), method=shortened(method or ""))
    if timeline.clock_uncertainty_ns:
        yield _("Workers on other hosts: their times may be off by up to {time}.").format(
            time=duration_text(timeline.clock_uncertainty_ns)
        )


def _of_the_pattern(timeline: Timeline) -> Iterator[str]:
    if error := timeline.error:
        yield _("The pattern ended with {kind}: {message}").format(
            kind=shortened(error.kind), message=shortened(failure_text(error))
        )
