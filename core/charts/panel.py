"""One run of a chart: its settings, timeline and title, and the run reduced to some jobs."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from core.analysis.summary import compared_text, details_text
from core.spec.ideal import ideal
from core.spec.run_spec import RunSpec
from core.text.language import _
from core.text.numbers import duration_text
from core.timeline.timeline import Integers, Jobs, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One run of a chart: measured, on its way, or only foreseen (`timeline` is None).

    `title` may hold Plotly's own HTML. `guess_ns` is how long somebody thought that it would take.
    """

    spec: RunSpec
    title: str
    timeline: Timeline | None = None
    guess_ns: int | None = None

    @property
    def end_ns(self) -> int:
        """The last moment that the chart must show."""
        measured_ns = self.timeline.end_ns if self.timeline else 0
        return max(ideal(self.spec).wall_ns, measured_ns, self.guess_ns or 0)


DETAILS_PX = 12


def title(
    spec: RunSpec,
    timeline: Timeline | None = None,
    baseline: Timeline | None = None,
    *,
    ended_early: bool = False,
) -> str:
    """Return what stands above a run, as Plotly's own HTML: names and numbers, no text of a run.

    Args:
        spec: The run.
        timeline: What is measured of it; None for the ideal alone.
        baseline: The first run of the chart, against which speed-ups count.
        ended_early: Whether it was ended before its pattern returned.
    """
    details = details_text(spec)
    small = f'<br><span style="font-size:{DETAILS_PX}px">{details}</span>' if details else ""
    return _headline(spec, timeline, baseline, ended_early=ended_early) + small


def panels_of(timelines: Sequence[Timeline]) -> list[Panel]:
    """Return the panels of finished runs; speed-ups count against the first."""
    return [
        Panel(
            spec=each.spec,
            title=title(each.spec, each, timelines[0] if place else None),
            timeline=each,
        )
        for place, each in enumerate(timelines)
    ]


def _headline(
    spec: RunSpec, timeline: Timeline | None, baseline: Timeline | None, *, ended_early: bool
) -> str:
    name = f"<b>{spec.pattern}</b>"
    if timeline is None:
        best = duration_text(ideal(spec).wall_ns)
        return _("{name} — ideally {ideal}").format(name=name, ideal=best)
    wall = f"<b>{duration_text(timeline.wall_ns)}</b>"
    if ended_early:
        return _("{name} — ended early, after {wall}").format(name=name, wall=wall)
    if not timeline.finished:
        return _("{name} — {wall} so far").format(name=name, wall=wall)
    compared = compared_text(timeline, baseline if baseline and baseline.finished else None)
    return ", ".join(filter(None, [f"{name} — {wall}", compared]))


def of_jobs(timeline: Timeline, first: int, last: int) -> Timeline:
    """Return the same run with the jobs from one number to another only, and their spans."""
    jobs, spans = timeline.jobs, timeline.spans
    kept = np.flatnonzero((jobs.number >= first) & (jobs.number <= last))
    mask = (spans.job >= first) & (spans.job <= last)
    columns = {each.name: getattr(spans, each.name)[mask] for each in fields(spans)}
    return replace(timeline, jobs=_chosen(jobs, kept), spans=replace(spans, **columns))


def _chosen(jobs: Jobs, kept: Integers) -> Jobs:
    columns: dict[str, Any] = {}
    for each in fields(jobs):
        column = getattr(jobs, each.name)
        is_array = isinstance(column, np.ndarray)
        columns[each.name] = column[kept] if is_array else tuple(column[job] for job in kept)
    return replace(jobs, **columns)
