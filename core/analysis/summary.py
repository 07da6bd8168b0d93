"""The sentence under a chart, made from the numbers."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

from core.analysis.findings import holds, late_jobs
from core.analysis.metrics import (
    cores_used,
    did_all,
    is_disturbed,
    late_start,
    loop_busy_ns,
    median_step_ns,
    peak_in_flight,
    same_work,
    speed_up,
    tells_of_its_pattern,
    worst_lateness_ns,
)
from core.jobs import Spread
from core.patterns import PATTERNS, AtOnce, Pattern
from core.spec.ideal import ideal_of
from core.spec.run_spec import ExecutorKind, Program, RunSpec
from core.text.language import NS_PER_S, _, duration_text, ngettext, number_text
from core.text.legible import legible, shortened
from core.timeline.timeline import Outcome, Timeline
from core.workloads import DEFAULT_WORKLOADS

MAX_ARGUMENTS = 80
"""How many characters of a script's arguments stand in a run's name."""
ALIKE = 1.5
"""Runs whose times differ by no more than this factor took about as long: others disturb them."""


def explain(timelines: Sequence[Timeline]) -> str:
    """Return how one run went, or several beside one another; each alone if their work differs.

    What went wrong in each, `core.analysis.findings_text` tells.

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
    if not all(same_work(each, timelines[0]) for each in timelines):
        return " ".join(f"{run_name(each.program)}: {_one(each)}" for each in timelines)
    return _several(timelines)


def run_name(program: Program) -> str:
    """Return a program's name with what else tells its run apart, as sentences and tables do."""
    details = details_text(program)
    return f"{program.name} ({details})" if details else program.name


def details_text(program: Program) -> str:
    """Return what a run uses besides its pattern, or a script's arguments; may be empty."""
    if isinstance(program, RunSpec):
        return _settings_text(program)
    return shortened(" ".join(program.command[1:]), MAX_ARGUMENTS)


def _settings_text(spec: RunSpec) -> str:
    """Return workload, pool, limit and time-out, as far as they are not the usual ones."""
    usual = DEFAULT_WORKLOADS[PATTERNS[spec.pattern].arranges]
    details = [
        "" if spec.workload == usual else str(spec.workload),
        pool_text(spec),
        ""
        if spec.connections is None
        else ngettext("{count:,} connection", "{count:,} connections", spec.connections).format(
            count=spec.connections
        ),
        "" if spec.limit is None else _("at most {limit:,} at once").format(limit=spec.limit),
        ""
        if spec.timeout_s is None
        else _("time-out {time}").format(time=duration_text(spec.timeout_s * NS_PER_S)),
    ]
    return ", ".join(filter(None, details))


def pool_text(spec: RunSpec) -> str:
    """Return which pool a run uses and how large it is; empty for a run without one."""
    match spec.executor:
        case ExecutorKind.DEFAULT:
            text = _("default pool of {workers}")
        case ExecutorKind.THREADS:
            text = ngettext("{workers} thread", "{workers} threads", spec.pool_size or 1)
        case ExecutorKind.PROCESSES:
            text = ngettext("{workers} process", "{workers} processes", spec.pool_size or 1)
        case ExecutorKind.DASK:
            text = ngettext("{workers} Dask worker", "{workers} Dask workers", spec.pool_size or 1)
        case _:
            return ""
    return text.format(workers=spec.pool_size)


def work_text(timeline: Timeline) -> str:
    """Return how many jobs a run has and, of a pattern, how long each takes alone."""
    if timeline.spec is not None:
        return jobs_text(timeline.spec)
    count = len(timeline.jobs)
    return ngettext("{count:,} task", "{count:,} tasks", count).format(count=count)


def jobs_text(spec: RunSpec) -> str:
    """Return how many jobs there are and how long each, or the longest, takes by itself."""
    if not spec.job.is_timed:
        return ngettext("{count:,} job", "{count:,} jobs", spec.tasks).format(count=spec.tasks)
    sleep = duration_text(spec.sleep_s * NS_PER_S)
    if spec.spread != Spread.EQUAL and spec.tasks > 1:
        return _("{count:,} jobs of up to {sleep}").format(count=spec.tasks, sleep=sleep)
    return ngettext("{count:,} job of {sleep}", "{count:,} jobs of {sleep}", spec.tasks).format(
        count=spec.tasks, sleep=sleep
    )


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
    told = text.format(
        name=run_name(timeline.program),
        jobs=work_text(timeline),
        wall=_wall_text(timeline),
        why=reason(timeline),
        ideal=duration_text(best.wall_ns) if best else "",
    )
    return told + _loop_sentence(timeline) + _late_sentence(timeline)


def _wall_text(timeline: Timeline) -> str:
    wall, caveat = duration_text(timeline.wall_ns), caveat_text(timeline)
    return f"{wall} ({caveat})" if caveat else wall


def caveat_text(timeline: Timeline) -> str:
    """Return in a few words why a run's time does not tell of its pattern; empty if it does."""
    if is_disturbed(timeline):
        return _("disturbed for {time}").format(time=duration_text(timeline.disturbed_ns))
    if late := late_start(timeline):
        return _("first job after {time}").format(time=duration_text(late.at_ns))
    return ""


def compared_text(timeline: Timeline, baseline: Timeline | None) -> str:
    """Return how a run's time compares with a baseline's, or why it does not; may be empty.

    Without a baseline the run is the first, with which others are compared.
    """
    factor = None if baseline is None else speed_up(timeline, baseline)
    return caveat_text(timeline) if factor is None else factor_text(factor)


def _late_sentence(timeline: Timeline) -> str:
    late = late_start(timeline)
    if late is None:
        return ""
    text = (
        _("The first job began {time} after the start.")
        if late.begun
        else _("The first job was created {time} after the start.")
    )
    return " " + text.format(time=duration_text(late.at_ns))


def reason(timeline: Timeline) -> str:
    """Return why a run took its time, as a clause: how many of its jobs went on at once."""
    peak = peak_in_flight(timeline)
    pattern = _pattern(timeline)
    if (pattern and pattern.at_once is AtOnce.ONE) or peak == 1:
        return _("one job at a time was under way")
    return _("up to {peak:,} jobs were under way at once").format(peak=peak)


def _pattern(timeline: Timeline) -> Pattern | None:
    return None if timeline.spec is None else PATTERNS[timeline.spec.pattern]


def _loop_sentence(timeline: Timeline) -> str:
    if not len(timeline.steps):
        return " " + _("There was no event loop.")
    busy = duration_text(loop_busy_ns(timeline))
    late_ns = worst_lateness_ns(timeline)
    loops = len(timeline.steps.lanes)
    if loops > 1:
        return " " + _(
            "Its {count:,} event loops were busy for {busy} in sum, and no job waited for its loop "
            "longer than {lateness}."
        ).format(count=loops, busy=busy, lateness=duration_text(late_ns))
    if not late_ns:
        return " " + _("The event loop was busy for {busy} of that time.").format(busy=busy)
    return " " + _(
        "The event loop was busy for {busy} of that time, and no job waited for it "
        "longer than {lateness}."
    ).format(busy=busy, lateness=duration_text(late_ns))


def _several(timelines: Sequence[Timeline]) -> str:
    baseline = timelines[0]
    others = [_other(each, baseline) for each in timelines[1:]]
    return (
        _("{jobs}: {name} took {wall}, {others}.").format(
            jobs=work_text(baseline),
            name=run_name(baseline.program),
            wall=_wall_text(baseline),
            others=", ".join(others),
        )
        + " "
        + _why_they_differ(timelines)
    )


def _other(timeline: Timeline, baseline: Timeline) -> str:
    compared = compared_text(timeline, baseline)
    text = _("{name} {wall} ({factor})") if compared else _("{name} {wall}")
    return text.format(
        name=run_name(timeline.program), wall=duration_text(timeline.wall_ns), factor=compared
    )


def _why_they_differ(timelines: Sequence[Timeline]) -> str:
    if not all(tells_of_its_pattern(each) for each in timelines):
        return " ".join([*_disturbance_sentences(timelines), *_late_sentences(timelines)])
    debugging = [each for each in timelines if (found := _pattern(each)) and found.debugs]
    if debugging and debugging[0] is not timelines[0]:
        return _debug_sentence(debugging[0], timelines[0])
    first = timelines[0].spec
    if first is not None and first.job.uses_cpu and all(did_all(each) for each in timelines):
        return _processors_sentence(timelines)
    if held := _held_sentence(timelines):
        return held
    if not all(did_all(each) for each in timelines):
        return _ends_sentence(timelines)
    return _at_once_sentence(timelines)


def _disturbance_sentences(timelines: Sequence[Timeline]) -> Iterator[str]:
    names = [run_name(each.program) for each in timelines if is_disturbed(each)]
    if names:
        yield ngettext(
            "The machine had other work while {names} ran, so its time is not compared.",
            "The machine had other work while {names} ran, so their times are not compared.",
            len(names),
        ).format(names=", ".join(names))


def _late_sentences(timelines: Sequence[Timeline]) -> Iterator[str]:
    for each in timelines:
        late = late_start(each)
        if late is None:
            continue
        text = (
            _("The first job of {name} began {time} after the start, so its time is not compared.")
            if late.begun
            else _(
                "The first job of {name} was created {time} after the start, so its time is not "
                "compared."
            )
        )
        yield text.format(name=run_name(each.program), time=duration_text(late.at_ns))


def _held_sentence(timelines: Sequence[Timeline]) -> str:
    """Return in which runs a step held the event loop, and who waited how long; may be empty."""
    parts = []
    for each in timelines:
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
                name=run_name(each.program),
                longest=duration_text(held[0].longest_ns),
                count=late.jobs,
                late=duration_text(late.longest_ns),
            )
        )
    return _("The event loop was held: {parts}.").format(parts="; ".join(parts)) if parts else ""


def _ends_sentence(timelines: Sequence[Timeline]) -> str:
    """Return how the jobs ended that did not end well, run by run."""
    parts = [
        _("in {name} {ends}").format(name=run_name(each.program), ends=_ends_text(each))
        for each in timelines
        if not did_all(each)
    ]
    return _("Not all jobs ended well: {parts}.").format(parts="; ".join(parts))


def _ends_text(timeline: Timeline) -> str:
    counts = Counter(timeline.jobs.outcome)
    texts = {
        Outcome.FAILED: ngettext("{count:,} failed", "{count:,} failed", counts[Outcome.FAILED]),
        Outcome.CANCELLED: ngettext(
            "{count:,} was cancelled", "{count:,} were cancelled", counts[Outcome.CANCELLED]
        ),
        Outcome.LOST: ngettext("{count:,} was lost", "{count:,} were lost", counts[Outcome.LOST]),
    }
    told = [text.format(count=counts[end]) for end, text in texts.items() if counts[end]]
    return ", ".join(told) or _("not all of them were created")


def _processors_sentence(timelines: Sequence[Timeline]) -> str:
    parts = ", ".join(
        _("{cores:.1f} in {name}").format(cores=cores_used(each), name=run_name(each.program))
        for each in timelines
    )
    text = (
        _("Python {python} has the GIL: of its threads one calculates at a time.")
        if timelines[0].has_gil
        else _("Python {python} runs without the GIL: its threads calculate side by side.")
    )
    used = _("Processors in use, on average: {parts}.").format(parts=parts)
    return f"{used} {text.format(python=shortened(timelines[0].python))}"


def _debug_sentence(debugging: Timeline, plain: Timeline) -> str:
    dear_ns, cheap_ns = median_step_ns(debugging), median_step_ns(plain)
    return _(
        "Debug mode made a step of the event loop {factor} times longer: {dear} at the median, "
        "instead of {cheap}."
    ).format(
        factor=_two_digits(dear_ns / max(1, cheap_ns)),
        dear=duration_text(dear_ns),
        cheap=duration_text(cheap_ns),
    )


def _at_once_sentence(timelines: Sequence[Timeline]) -> str:
    peaks = [peak_in_flight(each) for each in timelines]
    if len(set(peaks)) == 1:
        return ngettext(
            "In each, {peak:,} job at most was under way at once.",
            "In each, up to {peak:,} jobs were under way at once.",
            peaks[0],
        ).format(peak=peaks[0])
    parts = ", ".join(
        _("{peak:,} in {name}").format(peak=peak, name=run_name(each.program))
        for peak, each in zip(peaks, timelines, strict=True)
    )
    most, fewest = (timelines[peaks.index(end(peaks))] for end in (max, min))
    if most.wall_ns >= fewest.wall_ns:
        return _("More jobs under way at once did not make it faster: {peaks}.").format(peaks=parts)
    if _walls_follow(peaks, timelines):
        return _("The number of jobs under way at once makes the difference: {peaks}.").format(
            peaks=parts
        )
    return _("Jobs under way at once, at most: {peaks}.").format(peaks=parts)


def _walls_follow(peaks: Sequence[int], timelines: Sequence[Timeline]) -> bool:
    """Return whether more jobs at once took less time in any two runs, and as many as long."""
    runs = sorted(zip(peaks, (each.wall_ns for each in timelines), strict=True))
    return all(
        less_ns < more_ns if many > few else max(less_ns, more_ns) <= ALIKE * min(less_ns, more_ns)
        for (few, more_ns), (many, less_ns) in itertools.combinations(runs, 2)
    )


def factor_text(factor: float) -> str:
    """Return how many times faster or slower a run was, in words and two significant digits."""
    faster = factor >= 1
    shown = _two_digits(factor if faster else 1 / factor)
    if shown == "1":
        return _("about as fast")
    if faster:
        return _("{factor}× faster").format(factor=shown)  # noqa: RUF001
    return _("{factor}× slower").format(factor=shown)  # noqa: RUF001


def _two_digits(factor: float) -> str:
    return number_text(factor, ".2g" if factor < 99.5 else ",.0f")


def left_out(timeline: Timeline) -> list[str]:
    """Return a clause for each kind of thing of which some was left out; empty for a whole run."""
    events, lines, results = (
        timeline.dropped_events,
        timeline.dropped_lines,
        timeline.dropped_results,
    )
    texts = {
        ngettext("{count} event was left out", "{count} events were left out", events): events,
        ngettext(
            "{count} printed line was left out", "{count} printed lines were left out", lines
        ): lines,
        ngettext(
            "the result of {count} job was left out",
            "the results of {count} jobs were left out",
            results,
        ): results,
    }
    return [text.format(count=number_text(count)) for text, count in texts.items() if count]
