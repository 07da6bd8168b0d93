"""The sentence above a chart, made from the numbers."""

from collections.abc import Sequence

from core.analysis.causes import (
    calculates,
    leading_sentence,
    pattern_of,
    too_few_processors,
    why_they_differ,
)
from core.analysis.metrics import (
    did_all,
    is_disturbed,
    known_disturbance_ns,
    late_start,
    loop_busy_ns,
    peak_in_flight,
    same_work,
    speed_up,
    worst_lateness_ns,
)
from core.analysis.side_by_side import (
    run_name,
    run_names,
    shared_work_text,
    short_names,
    work_text,
)
from core.pattern import AtOnce
from core.spec.ideal import ideal_of
from core.text.language import _, duration_text, two_digits
from core.text.legible import legible
from core.timeline.timeline import Timeline


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
    short = calculates(timeline) and is_disturbed(timeline)
    return " ".join(
        filter(
            None,
            [
                sentence,
                _loop_sentence(timeline),
                _late_sentence(timeline),
                too_few_processors([timeline], [run_name(timeline.program)]) if short else "",
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
    pattern = pattern_of(timeline)
    if (pattern and pattern.at_once is AtOnce.ONE) or peak == 1:
        return _("one job at a time was in flight")
    return _("up to {peak:,} jobs were in flight").format(peak=peak)


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
    """Return the cause and the times of runs of the same work."""
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
    short = short_names([each.program for each in timelines])
    lead, why = leading_sentence(timelines, short), why_they_differ(timelines, short)
    return " ".join(filter(None, [lead, times, why]))


def _other(name: str, timeline: Timeline, baseline: Timeline) -> str:
    factor = speed_up(timeline, baseline)
    compared = _short_caveat(timeline) if factor is None else factor_text(factor)
    return _with_caveat(f"{name} {duration_text(timeline.wall_ns)}", compared)


def _short_caveat(timeline: Timeline) -> str:
    """Return in a word why a run's time is not compared; `why_not_comparable` says more of it."""
    if is_disturbed(timeline):
        return _("disturbed")
    return _("late start") if late_start(timeline) else ""


def factor_text(factor: float) -> str:
    """Return how many times faster or slower a run was, in words and two significant digits."""
    faster = factor >= 1
    shown = two_digits(factor if faster else 1 / factor)
    if shown == "1":
        return _("about as fast")
    if faster:
        return _("{factor}× faster").format(factor=shown)
    return _("{factor}× slower").format(factor=shown)
