"""The titles of a chart's runs: what each took, and below that in small what it used."""

from collections.abc import Sequence

from core.analysis.summary import compared_text, details_text
from core.charts.panel import Panel
from core.spec.ideal import ideal
from core.spec.run_spec import RunSpec
from core.text.language import _
from core.text.numbers import duration_text
from core.timeline.timeline import Timeline

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
