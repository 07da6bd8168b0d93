"""What makes runs of the same work differ: the sentences before and after their times.

Each is made from what was recorded; where nothing was, none is made.
"""

import itertools
from collections import Counter
from collections.abc import Sequence

from core.analysis.findings import holds, late_jobs
from core.analysis.held import waits_for_holders
from core.analysis.metrics import (
    cores_used,
    did_all,
    is_disturbed,
    median_step_ns,
    peak_in_flight,
    processors_wanted,
    tells_of_its_pattern,
)
from core.pattern import Pattern
from core.patterns import PATTERNS
from core.text.language import _, duration_text, ngettext, two_digits
from core.text.legible import shortened
from core.timeline.timeline import Outcome, Timeline

ALIKE = 1.5
"""Runs whose times differ by no more than this factor took about as long: others disturb them."""
MOST_RESULTS = 4
"""How many results of a run a sentence names; of more, the first two and the last one."""


def leading_sentence(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    """Return what stands before the times of several runs; may be empty.

    A held loop comes first of all: it is a fact of the recording, also where the machine spoils the
    times. Titles have the times, too, and a page shows few lines of the sentence.
    """
    ends = _ends_sentence(timelines, names) or _results_sentence(timelines, names)
    sentences = (
        _held_sentence(timelines, names),
        _deadlock_sentence(timelines, names),
        ends,
        "" if ends else _refused_sentence(timelines, names),
    )
    return " ".join(filter(None, sentences))


def _held_sentence(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    """Return in which runs a step held the event loop, and who waited how long; may be empty."""
    parts = []
    for name, each in zip(names, timelines, strict=True):
        held, late = holds(each), late_jobs(each)
        if not held or late is None:
            continue
        part = ngettext(
            "in {name} for up to {longest}, and {count:,} job had to wait for up to {late}",
            "in {name} for up to {longest}, and {count:,} jobs had to wait for up to {late}",
            late.jobs,
        )
        parts.append(
            part.format(
                name=name,
                longest=duration_text(held[0].longest_ns),
                count=late.jobs,
                late=duration_text(late.longest_ns),
            )
        )
    return _("The event loop was held: {parts}.").format(parts="; ".join(parts)) if parts else ""


def _deadlock_sentence(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    """Return in which runs jobs waited for one another in a circle; may be empty."""
    found = [name for name, each in zip(names, timelines, strict=True) if each.deadlocks]
    text = _("Deadlock in {names}: jobs waited in a circle for what the others held.")
    return text.format(names=", ".join(found)) if found else ""


def _ends_sentence(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    """Return how the jobs ended that did not end well, runs with the same ends together; or ""."""
    alike: dict[str, list[str]] = {}
    for name, each in zip(names, timelines, strict=True):
        if not did_all(each):
            alike.setdefault(_ends_text(each), []).append(name)
    parts = [
        (_("{ends} in each of {names}") if len(of_runs) > 1 else _("{ends} in {names}")).format(
            ends=ends, names=", ".join(of_runs)
        )
        for ends, of_runs in alike.items()
    ]
    return _("Not all jobs ended well: {parts}.").format(parts="; ".join(parts)) if parts else ""


def _ends_text(timeline: Timeline) -> str:
    counts = Counter(timeline.jobs.outcome)
    texts = {
        Outcome.FAILED: ngettext("{count:,} failed", "{count:,} failed", counts[Outcome.FAILED]),
        Outcome.CANCELLED: ngettext(
            "{count:,} was cancelled", "{count:,} were cancelled", counts[Outcome.CANCELLED]
        ),
        Outcome.LOST: ngettext("{count:,} was lost", "{count:,} were lost", counts[Outcome.LOST]),
    }
    ends = [text.format(count=counts[end]) for end, text in texts.items() if counts[end]]
    if ends:
        return ", ".join(ends)
    return _("some were never created") if len(timeline.jobs) else _("none was created")


def _results_sentence(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    """Return what jobs returned that do more than their work alone, where runs differ in it."""
    patterns = filter(None, map(pattern_of, timelines))
    if not any(each.tasks_are_jobs or each.tells_by_results for each in patterns):
        return ""
    if len({tuple(sorted(each.results)) for each in timelines}) == 1:
        return ""
    parts = [
        _("{results} in {name}").format(results=_results_text(each.results), name=name)
        for name, each in zip(names, timelines, strict=True)
        if each.results
    ]
    return _("The results differ: {parts}.").format(parts="; ".join(parts))


def _results_text(results: Sequence[str]) -> str:
    first, *others = map(shortened, results)
    if len(results) > 1 and len(set(results)) == 1:
        return _("{result} from each job").format(result=first)
    if len(results) <= MOST_RESULTS:
        return ", ".join([first, *others])
    return ", ".join([first, others[0], "…", others[-1]])


def _refused_sentence(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    """Return how many requests a server refused for their rate, and of how many; may be empty."""
    if not any(each.served.get("refused") for each in timelines):
        return ""
    parts = [
        _("{refused:,} of {requests:,} in {name}").format(
            refused=each.served["refused"], requests=each.served.get("requests", 0), name=name
        )
        for name, each in zip(names, timelines, strict=True)
        if "refused" in each.served
    ]
    return _("Requests that the server refused for their rate: {parts}.").format(
        parts=", ".join(parts)
    )


def why_they_differ(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    """Return the one cause that explains most, which stands after the times; may be empty."""
    all_tell = all(tells_of_its_pattern(each) for each in timelines)
    debugging = [each for each in timelines if (found := pattern_of(each)) and found.debugs]
    # What debug mode costs can be said against a run without it, which is the baseline.
    if debugging and debugging[0] is not timelines[0] and all_tell:
        return _debug_sentence(debugging[0], timelines[0])
    if not all(did_all(each) for each in timelines):
        return ""
    if calculates(timelines[0]):
        short = any(is_disturbed(each) for each in timelines)
        sentence = too_few_processors if short else _processors_sentence
        return sentence(timelines, names)
    explained = _held_sentence(timelines, names) or _refused_sentence(timelines, names)
    return "" if explained or not all_tell else _in_flight_sentence(timelines, names)


def _processors_sentence(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    parts = ", ".join(
        _("{cores:.1f} in {name}").format(cores=cores_used(each), name=name)
        for name, each in zip(names, timelines, strict=True)
    )
    text = (
        _("Python {python} has the GIL: of its threads one calculates at a time.")
        if timelines[0].has_gil
        else _("Python {python} runs without the GIL: its threads calculate side by side.")
    )
    used = _("Processors in use, on average: {parts}.").format(parts=parts)
    return f"{used} {text.format(python=shortened(timelines[0].python))}"


def too_few_processors(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    """Return how little of its processors the machine gave to runs that calculate: no ranking."""
    parts = ", ".join(
        _("{cores:.2f} of {wanted:,} to {name}").format(
            cores=cores_used(each), wanted=processors_wanted(each), name=name
        )
        for name, each in zip(names, timelines, strict=True)
    )
    text = _("The machine gave these calculations fewer processors than they could use: {parts}.")
    return text.format(parts=parts)


def _debug_sentence(debugging: Timeline, plain: Timeline) -> str:
    # The median: a single garbage collection or a long step would decide a mean.
    dear_ns, cheap_ns = median_step_ns(debugging), median_step_ns(plain)
    return _(
        "Debug mode made a step of the event loop {factor} times longer: {dear} at the median, "
        "instead of {cheap}."
    ).format(
        factor=two_digits(dear_ns / max(1, cheap_ns)),
        dear=duration_text(dear_ns),
        cheap=duration_text(cheap_ns),
    )


def _in_flight_sentence(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    peaks = [peak_in_flight(each) for each in timelines]
    if len(set(peaks)) == 1:
        return _waits_sentence(timelines, names) or ngettext(
            "In each, {peak:,} job at most was in flight.",
            "In each, up to {peak:,} jobs were in flight.",
            peaks[0],
        ).format(peak=peaks[0])
    parts = ", ".join(
        _("{peak:,} in {name}").format(peak=peak, name=name)
        for peak, name in zip(peaks, names, strict=True)
    )
    # Of runs with equal peaks the first counts, which is the baseline if it is among them.
    most, fewest = (timelines[peaks.index(end(peaks))] for end in (max, min))
    if most.wall_ns >= fewest.wall_ns:
        return _("More jobs in flight did not make it faster: {peaks}.").format(peaks=parts)
    if _walls_follow(peaks, timelines):
        return _("The number of jobs in flight makes the difference: {peaks}.").format(peaks=parts)
    return _("Peak in flight: {peaks}.").format(peaks=parts)


def _waits_sentence(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    """Return what jobs waited for while as many were in flight elsewhere; may be empty."""
    walls_ns = [each.wall_ns for each in timelines]
    if max(walls_ns) <= ALIKE * min(walls_ns):
        return ""
    return _locks_sentence(timelines, names) or _sleep_sentence(timelines, names)


def _locks_sentence(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    parts = [
        _("{count:,} in {name}, for up to {longest}").format(
            count=sum(held.jobs for held in waits),
            name=name,
            longest=duration_text(max(held.longest_ns for held in waits)),
        )
        for name, each in zip(names, timelines, strict=True)
        if (waits := waits_for_holders(each))
    ]
    text = _("Jobs waited for what others held: {parts}.")
    return text.format(parts="; ".join(parts)) if parts else ""


def _sleep_sentence(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
    parts = [
        _("{count:,} in {name}, for up to {longest}").format(
            count=late.jobs, name=name, longest=duration_text(late.longest_ns)
        )
        for name, each in zip(names, timelines, strict=True)
        if (late := late_jobs(each)) and late.loop_was_free and late.set_outside
    ]
    text = _("Jobs were ready while the event loop slept: {parts}.")
    return text.format(parts="; ".join(parts)) if parts else ""


def _walls_follow(peaks: Sequence[int], timelines: Sequence[Timeline]) -> bool:
    """Return whether more jobs in flight took less time in any two runs, and as many as long."""
    runs = sorted(zip(peaks, (each.wall_ns for each in timelines), strict=True))
    # Sorted by peak, so of each pair the second has as many jobs in flight or more.
    return all(
        less_ns < more_ns if many > few else max(less_ns, more_ns) <= ALIKE * min(less_ns, more_ns)
        for (few, more_ns), (many, less_ns) in itertools.combinations(runs, 2)
    )


def calculates(timeline: Timeline) -> bool:
    """Return whether the jobs of a run of the catalogue use a processor all the time."""
    return timeline.spec is not None and timeline.spec.job.uses_cpu


def pattern_of(timeline: Timeline) -> Pattern | None:
    """Return the pattern that ran; None for somebody's own program."""
    return None if timeline.spec is None else PATTERNS[timeline.spec.pattern]
