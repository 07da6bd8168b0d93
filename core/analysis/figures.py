"""The headline of a run and its numbers, as they are shown anywhere: page, shell and HTML."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.analysis.metrics import (
    LEAST_DISTURBED_SHARE,
    cores_used,
    cpu_share,
    did_all,
    is_disturbed,
    known_disturbance_ns,
    peak_in_flight,
    speed_up,
    worst_lateness_ns,
)
from core.analysis.side_by_side import run_names
from core.analysis.summary import compared_text, factor_text
from core.spec.ideal import ideal_of
from core.spec.run_spec import Program
from core.text.language import _, duration_text, number_text, two_digits
from core.timeline.timeline import Timeline

NOTHING = "—"
"""Where a figure says nothing of a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number about a run, as people read it, and what it means."""

    name: str
    text: str
    meaning: str
    is_brief: bool = False
    """Whether a table for a narrow window has it, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What stands above a run, wherever it is shown: its name, its time and how that compares.

    Attributes:
        program: What runs.
        timeline: What is measured of it; None for the ideal alone.
        baseline: The run against which speed-ups count; None for the first.
        ended_early: Whether it was ended before its pattern returned.
    """

    program: Program
    timeline: Timeline | None = None
    baseline: Timeline | None = None
    ended_early: bool = False

    def text(
        self, *, name: str, emphasised: Callable[[str], str] = str, between: str = " — "
    ) -> str:
        """Return it in one line, with the run called by a name; `between` follows that."""
        name = emphasised(name)
        if self.timeline is None:
            best = ideal_of(self.program)
            if best is None:
                return name
            ideal = duration_text(best.wall_ns)
            return _("{name} — ideally {ideal}").format(name=name, ideal=ideal)
        wall = emphasised(duration_text(self.timeline.wall_ns))
        if self.ended_early:
            return _("{name} — ended early, after {wall}").format(name=name, wall=wall)
        if not self.timeline.finished:
            return _("{name} — {wall} so far").format(name=name, wall=wall)
        baseline = self.baseline if self.baseline and self.baseline.finished else None
        compared = compared_text(self.timeline, baseline)
        return ", ".join(filter(None, [f"{name}{between}{wall}", compared]))


def figure_rows(timelines: Sequence[Timeline], *, brief: bool = False) -> list[tuple[str, ...]]:
    """Return a table of the figures of runs, its heading first; speed-ups are over the first run.

    Figures that say nothing of any of the runs are left out; a `brief` table has the main ones.
    """
    of_runs = [all_figures(each, timelines) for each in timelines]
    # A column that says something of one run stays for all: the rows of a table have one length.
    telling = [
        column
        for column in zip(*of_runs, strict=True)
        if any(figure.text != NOTHING for figure in column) and (column[0].is_brief or not brief)
    ]
    heading = (_("pattern"), *(column[0].name for column in telling))
    rows = [
        (name, *(column[place].text for column in telling))
        for place, name in enumerate(run_names([each.program for each in timelines]))
    ]
    return [heading, *rows]


def all_figures(timeline: Timeline, timelines: Sequence[Timeline]) -> list[Figure]:
    """Return the figures of one of several runs, the same ones in the same order for each."""
    return [
        *figures_of(timeline),
        *_of_workers(timeline),
        _disturbance(timeline),
        _speed_up(timeline, timelines[0]),
    ]


def figures_alone(timeline: Timeline) -> list[Figure]:
    """Return the figures of a run that is shown alone, as far as it can have them.

    A pattern may yet have an ideal with other settings, somebody's own program never.
    """
    found = figures_of(timeline)
    return found if timeline.spec else [each for each in found if each.text != NOTHING]


def figures_of(timeline: Timeline) -> list[Figure]:
    """Return the figures that every run has, for itself."""
    spec, best = timeline.spec, ideal_of(timeline.program)
    best_ns = best.wall_ns if best else 0
    overhead_ns = timeline.wall_ns - best_ns
    share = f" ({_signed_percent(overhead_ns / best_ns)})" if best_ns else ""
    is_timed = spec is not None and spec.job.is_timed and best is not None
    # A run that did not finish its jobs can take less than its ideal: no negative overhead.
    has_overhead = is_timed and did_all(timeline)
    in_pool = spec is not None and spec.executor is not None
    late_ns = 0 if in_pool else worst_lateness_ns(timeline)
    return [
        Figure(
            name=_("wall time"),
            text=duration_text(timeline.wall_ns),
            meaning=_("From the start of the pattern until it returned."),
            is_brief=True,
        ),
        Figure(
            name=_("ideal"),
            text=duration_text(best_ns) if is_timed else NOTHING,
            meaning=_("What the settings predict if only the jobs took time."),
            is_brief=True,
        ),
        Figure(
            name=_("overhead"),
            text=f"{duration_text(overhead_ns)}{share}" if has_overhead else NOTHING,
            meaning=_("Wall time less the ideal: what the loop, the pools and the machine added."),
            is_brief=True,
        ),
        Figure(
            name=_("worst lateness"),
            text=duration_text(late_ns) if late_ns else NOTHING,
            meaning=_("The longest time that a job was ready before the event loop came to it."),
            is_brief=True,
        ),
        Figure(
            name=_("peak in flight"),
            text=number_text(peak_in_flight(timeline)),
            meaning=_("How many jobs at most were begun and not yet ended at one moment."),
        ),
        Figure(
            name=_("recording cost"),
            text=f"≈ {duration_text(timeline.recording_ns)}",
            meaning=_("The number of events times the cost of one, measured on this machine."),
            is_brief=True,
        ),
    ]


def _signed_percent(share: float) -> str:
    return number_text(share, "+.1%").replace("-", "−")


def _of_workers(timeline: Timeline) -> list[Figure]:
    spec, best, share = timeline.spec, ideal_of(timeline.program), cpu_share(timeline)
    calculates = spec is None or spec.job.uses_cpu
    has_pool = spec is not None and spec.executor is not None and spec.job.is_timed
    has_cost = has_pool and best is not None and did_all(timeline)
    overhead_ns = timeline.wall_ns - (best.wall_ns if best else 0)
    # At most 0 where calculations took less than planned: then it says nothing of the pool.
    cost_ns = overhead_ns / (spec.tasks if spec else 1)
    return [
        Figure(
            name=_("cores used"),
            text=number_text(cores_used(timeline), ".2f") if calculates else NOTHING,
            meaning=_("How many processors were busy on average, over the wall time."),
        ),
        Figure(
            name=_("CPU share"),
            text=number_text(share, ".0%") if calculates and share is not None else NOTHING,
            meaning=_("Which share of the time that jobs worked they had a processor."),
        ),
        Figure(
            name=_("start-up"),
            text=duration_text(timeline.startup_ns) if timeline.startup_ns else NOTHING,
            meaning=_("How long the pool took to open, before the clock started."),
        ),
        Figure(
            name=_("overhead per job"),
            text=duration_text(cost_ns) if has_cost and cost_ns > 0 else NOTHING,
            meaning=_("The overhead, divided by the number of jobs."),
        ),
    ]


def _disturbance(timeline: Timeline) -> Figure:
    waited_ns = timeline.disturbed_ns
    shown = duration_text(known_disturbance_ns(timeline)) if is_disturbed(timeline) else NOTHING
    return Figure(
        name=_("disturbed"),
        text=_("not known") if waited_ns is None and timeline.finished else shown,
        meaning=_(
            "How long threads of the run waited for a processor, in sum, while the machine had "
            "other work. From {share} of the wall time on the run is not compared."
        ).format(share=number_text(LEAST_DISTURBED_SHARE, ".0%")),
    )


def _speed_up(timeline: Timeline, baseline: Timeline) -> Figure:
    factor = speed_up(timeline, baseline)
    return Figure(
        name=_("speed-up"),
        text=_speed_up_text(factor),
        meaning=_("Wall time of the first run divided by this one's."),
        is_brief=True,
    )


def _speed_up_text(factor: float | None) -> str:
    """Return it with the digits of titles and sentences; a slower run is never `0.0124×`."""
    if factor is None:
        return NOTHING
    # Below 1 people read the inverse in words; within rounding of 1 there is nothing to invert.
    if factor < 1 and two_digits(1 / factor) != "1":
        return factor_text(factor)
    return f"{two_digits(max(1, factor))}×"
