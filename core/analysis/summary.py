"""The sentence above a chart, made from the numbers."""

import itertools
from collections import Counter
from collections.abc import Sequence

from core.analysis.findings import holds, late_jobs
from core.analysis.metrics import (
    cores_used,
    did_all,
    is_disturbed,
    known_disturbance_ns,
    late_start,
    loop_busy_ns,
    median_step_ns,
    peak_in_flight,
    processors_wanted,
    same_work,
    speed_up,
    tells_of_its_pattern,
    worst_lateness_ns,
)
from core.analysis.side_by_side import (
    refused_sentence,
    run_name,
    run_names,
    shared_work_text,
    short_names,
    work_text,
)
from core.patterns import PATTERNS, AtOnce, Pattern
from core.spec.ideal import ideal_of
from core.text.language import _, duration_text, ngettext, number_text
from core.text.legible import legible, shortened
from core.timeline.timeline import Outcome, Timeline

ALIKE = 1.5
"""Runs whose times differ by no more than this factor took about as long: others disturb them."""

MOST_RESULTS = 4
"""How many results of a run a sentence names; of more, the first two and the last one."""


def explain(timelines: Sequence[Timeline]) -> str:
    """Return how one run went, or how several compare; each alone if their work differs.

    What went wrong in each is in `core.analysis.findings_text`.

    Args:
        timelines: Finished runs; the first is the baseline of the others.

    Returns:
        One to three sentences; empty for no runs.
    """
    if not timelines:
        return ""
    return legible(_explained(timelines))


def _explained(timelines: Sequence[Timeline]) -> str:
    if len(timelines) == 1:
        return _one(timelines[0])
    # Different work: times side by side would be read as a comparison, so each run has its own.
    if not all(same_work(each, timelines[0]) for each in timelines):
        return " ".join(f"{run_name(each.program)}: {_one(each)}" for each in timelines)
    return _several(timelines)


def _one(timeline: Timeline) -> str:
    best = ideal_of(timeline.program)
    if timeline.spec is None:
        text = (
            _("{name} ran for {wall} with {jobs}; {why}.")
            if timeline.finished
            else _("{name} was recorded for {wall} with {jobs}, and not to its end; {why}.")
        )
    elif not timeline.finished:
        text = _("{jobs}: after {wall} the pattern had not returned.")
    elif not did_all(timeline):
        text = _("{jobs}: the pattern took {wall} and did not finish all of them.")
    elif timeline.spec.job.is_timed and best is not None:
        text = _("{jobs} took {wall}; {why}, so {ideal} would be ideal.")
    else:
        text = _("{jobs} took {wall}; {why}.")
    sentence = text.format(
        name=run_name(timeline.program),
        jobs=work_text(timeline),
        wall=_with_caveat(duration_text(timeline.wall_ns), caveat_text(timeline)),
        why=reason(timeline),
        ideal=duration_text(best.wall_ns) if best else "",
    )
    short = _calculates(timeline) and is_disturbed(timeline)
    return " ".join(
        filter(
            None,
            [
                sentence,
                _loop_sentence(timeline),
                _late_sentence(timeline),
                _too_few_processors([timeline], [run_name(timeline.program)]) if short else "",
            ],
        )
    )


def _with_caveat(text: str, caveat: str) -> str:
    return f"{text} ({caveat})" if caveat else text


def caveat_text(timeline: Timeline) -> str:
    """Return in a few words why a run's time says little of its pattern; empty if it says much."""
    if is_disturbed(timeline):
        return _("disturbed for {time}").format(time=duration_text(known_disturbance_ns(timeline)))
    if late := late_start(timeline):
        return _("first job after {time}").format(time=duration_text(late.at_ns))
    return ""


def compared_text(timeline: Timeline, baseline: Timeline | None) -> str:
    """Return how a run's time compares with a baseline's, or why it does not; may be empty.

    Without a baseline the run is the first, with which others are compared.
    """
    factor = None if baseline is None else speed_up(timeline, baseline)
    return _short_caveat(timeline) if factor is None else factor_text(factor)


def _late_sentence(timeline: Timeline) -> str:
    late = late_start(timeline)
    if late is None:
        return ""
    text = (
        _("The first job began {time} after the start.")
        if late.begun
        else _("The first job was created {time} after the start.")
    )
    return text.format(time=duration_text(late.at_ns))


def reason(timeline: Timeline) -> str:
    """Return why a run took its time, as a clause: how many of its jobs were in flight."""
    peak = peak_in_flight(timeline)
    pattern = _pattern(timeline)
    if (pattern and pattern.at_once is AtOnce.ONE) or peak == 1:
        return _("one job at a time was in flight")
    return _("up to {peak:,} jobs were in flight").format(peak=peak)


def _pattern(timeline: Timeline) -> Pattern | None:
    return None if timeline.spec is None else PATTERNS[timeline.spec.pattern]


def _calculates(timeline: Timeline) -> bool:
    return timeline.spec is not None and timeline.spec.job.uses_cpu


def _loop_sentence(timeline: Timeline) -> str:
    if not len(timeline.steps):
        return _("There was no event loop.")
    busy = duration_text(loop_busy_ns(timeline))
    late_ns = worst_lateness_ns(timeline)
    loops = len(timeline.steps.lanes)
    if loops > 1:
        return _(
            "Its {count:,} event loops were busy for {busy} in sum, and no job waited for its loop "
            "longer than {lateness}."
        ).format(count=loops, busy=busy, lateness=duration_text(late_ns))
    if not late_ns:
        return _("The event loop was busy for {busy} of that time.").format(busy=busy)
    return _(
        "The event loop was busy for {busy} of that time, and no job waited for it "
        "longer than {lateness}."
    ).format(busy=busy, lateness=duration_text(late_ns))


def _several(timelines: Sequence[Timeline]) -> str:
    """Return the cause and the times of runs of the same work; a held loop comes first of all.

    Where not all jobs ended well that comes before the times: the charts' titles have these, and a
    page shows two lines of the sentence.
    """
    names = run_names([each.program for each in timelines])
    baseline = timelines[0]
    others = [
        _other(name, each, baseline) for name, each in zip(names[1:], timelines[1:], strict=True)
    ]
    times = _("{jobs}: {name} took {wall}, {others}.").format(
        jobs=shared_work_text(timelines),
        name=names[0],
        wall=_with_caveat(duration_text(baseline.wall_ns), _short_caveat(baseline)),
        others=", ".join(others),
    )
    # A held loop is a fact of the recording, also where the machine spoils the times.
    short = short_names([each.program for each in timelines])
    held = _held_sentence(timelines, short)
    ends = _ends_sentence(timelines, short) or _results_sentence(timelines, short)
    why = _why_they_differ(timelines, short, is_held=bool(held))
    return " ".join(filter(None, [held, _deadlock_sentence(timelines, short), ends, times, why]))


def _other(name: str, timeline: Timeline, baseline: Timeline) -> str:
    factor = speed_up(timeline, baseline)
    compared = _short_caveat(timeline) if factor is None else factor_text(factor)
    return _with_caveat(f"{name} {duration_text(timeline.wall_ns)}", compared)


def _short_caveat(timeline: Timeline) -> str:
    """Return in a word why a run's time is not compared; `why_not_comparable` says more of it."""
    if is_disturbed(timeline):
        return _("disturbed")
    return _("late start") if late_start(timeline) else ""


def _why_they_differ(timelines: Sequence[Timeline], names: Sequence[str], *, is_held: bool) -> str:
    """Return the one cause that explains most; empty where none is known."""
    all_tell = all(tells_of_its_pattern(each) for each in timelines)
    debugging = [each for each in timelines if (found := _pattern(each)) and found.debugs]
    # What debug mode costs can be said against a run without it, which is the baseline.
    if debugging and debugging[0] is not timelines[0] and all_tell:
        return _debug_sentence(debugging[0], timelines[0])
    if not all(did_all(each) for each in timelines):
        return ""
    if refused := refused_sentence(timelines, names):
        return refused
    if _calculates(timelines[0]):
        short = any(is_disturbed(each) for each in timelines)
        sentence = _too_few_processors if short else _processors_sentence
        return sentence(timelines, names)
    return "" if is_held or not all_tell else _in_flight_sentence(timelines, names)


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
        _("{ends} in {names}").format(ends=ends, names=", ".join(of_runs))
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
    if not any((found := _pattern(each)) and found.tasks_are_jobs for each in timelines):
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


def _too_few_processors(timelines: Sequence[Timeline], names: Sequence[str]) -> str:
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
        return ngettext(
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


def _walls_follow(peaks: Sequence[int], timelines: Sequence[Timeline]) -> bool:
    """Return whether more jobs in flight took less time in any two runs, and as many as long."""
    runs = sorted(zip(peaks, (each.wall_ns for each in timelines), strict=True))
    # Sorted by peak, so of each pair the second has as many jobs in flight or more.
    return all(
        less_ns < more_ns if many > few else max(less_ns, more_ns) <= ALIKE * min(less_ns, more_ns)
        for (few, more_ns), (many, less_ns) in itertools.combinations(runs, 2)
    )


def factor_text(factor: float) -> str:
    """Return how many times faster or slower a run was, in words and two significant digits."""
    faster = factor >= 1
    shown = two_digits(factor if faster else 1 / factor)
    if shown == "1":
        return _("about as fast")
    if faster:
        return _("{factor}× faster").format(factor=shown)
    return _("{factor}× slower").format(factor=shown)


def two_digits(factor: float) -> str:
    """Return a factor with two significant digits, or all of its whole ones."""
    # From 99.5 on `.2g` would round to 1e+02.
    return number_text(factor, ".2g" if factor < 99.5 else ",.0f")
