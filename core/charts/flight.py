"""How many jobs were in each state over time: exact time per state and bin, stacked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.charts import ending, startup
from core.charts.bins import Bins, Floats, Stretches, amounts
from core.charts.curves import add_hover, add_stack, held
from core.charts.kinds import BLOCKING, CONNECTING, KINDS, kind_looks, kinds_of
from core.charts.palette import IDEAL_RANK, QUIET
from core.charts.plot import Plot
from core.charts.sheet import Section
from core.spec.ideal import ideal
from core.spec.run_spec import RunSpec
from core.text.language import _
from core.text.numbers import duration_text
from core.timeline.timeline import State, Timeline

HEIGHT_PX, QUEUE_PX = 110, 44
FROM_BOTTOM = (BLOCKING, State.RUNNING, State.WORKING, State.WAITING, CONNECTING, State.READY)
AIR = 1.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """The mean number of jobs in each kind of span, by kind and bin, and of the ideal schedule."""

    bins: Bins
    jobs: Floats
    ideal: Floats

    def shows(self, kind: int) -> bool:
        """Tell whether any job was in a span of this kind."""
        return bool(self.jobs[kind].any())


def flight(
    spec: RunSpec, timeline: Timeline | None, bins: Bins, time_ns: Floats | None = None
) -> Flight:
    """Return the curves of a run; all zero where it is not measured yet.

    `time_ns` is what `time_by_kind` gives, where it is known already.
    """
    if time_ns is None:
        time_ns = time_by_kind(timeline, bins) if timeline else np.zeros((KINDS, bins.count))
    return Flight(bins=bins, jobs=time_ns / bins.width_ns, ideal=_ideal_jobs(spec, bins))


def time_by_kind(timeline: Timeline, bins: Bins) -> Floats:
    """Return how long the jobs of a run were in each kind of span, by kind and bin."""
    spans = timeline.spans
    lives = Stretches(row=kinds_of(spans), start_ns=spans.start_ns, end_ns=spans.end_ns)
    return amounts(lives, KINDS, bins).time_ns


def _ideal_jobs(spec: RunSpec, bins: Bins) -> Floats:
    best = ideal(spec)
    start_ns = np.array(best.start_ns, dtype=np.int64)
    end_ns = np.array(best.end_ns, dtype=np.int64)
    planned = Stretches(row=np.zeros_like(start_ns), start_ns=start_ns, end_ns=end_ns)
    jobs: Floats = amounts(planned, 1, bins).time_ns[0] / bins.width_ns
    return jobs


def sections(found: Flight, timeline: Timeline | None) -> list[Section]:
    """Return the area of the jobs in flight, and below it that of the jobs in a queue, if any.

    In the first one the start-up of a pool and the end of the run are marked, too.
    """

    def draw(plot: Plot) -> None:
        kinds = [kind for kind in FROM_BOTTOM if found.shows(kind)]
        startup.draw(plot, timeline)
        ending.draw(plot, timeline)
        _add_ideal(plot, found)
        _add_jobs(plot, found, kinds)
        most = max(_most(found.jobs[kinds]), _most(found.ideal[None]))
        _scale(plot, _("jobs by state"), most)
        _add_hover(plot, found, kinds, _top(most), with_ideal=True)

    def draw_queue(plot: Plot) -> None:
        _add_jobs(plot, found, [State.QUEUED])
        most = _most(found.jobs[[State.QUEUED]])
        _scale(plot, _("queued"), most)
        _add_hover(plot, found, [State.QUEUED], _top(most))

    drawn = [Section(height_px=HEIGHT_PX, draw=draw)]
    if found.shows(State.QUEUED):
        drawn.append(Section(height_px=QUEUE_PX, draw=draw_queue))
    return drawn


def _most(jobs: Floats) -> float:
    return float(jobs.sum(axis=0).max(initial=0))


def _top(most: float) -> float:
    """Return where the vertical axis ends if it must hold so many jobs."""
    return max(1, round(most), most) * AIR


def _scale(plot: Plot, name: str, most: float) -> None:
    shown = max(1, round(most))
    plot.update_y(
        range=[0, _top(most)],
        tickvals=[shown],
        ticktext=[f"{shown:,}"],
        showgrid=False,
        title={"text": name, "standoff": 8},
    )


def _add_ideal(plot: Plot, found: Flight) -> None:
    """Draw the ideal schedule behind the run, in grey: a run that takes longer leaves it."""
    if not found.ideal.any():
        return
    plot.add(
        held(plot, found.bins, found.ideal)
        | plot.in_legend(_("ideal"), IDEAL_RANK)
        | {
            "line": {"shape": "hv", "width": 1.5, "color": QUIET, "dash": "dot"},
            "fill": "tozeroy",
            "fillcolor": "rgba(128,128,128,0.18)",
            "hoverinfo": "skip",
        }
    )


def _add_jobs(plot: Plot, found: Flight, kinds: Sequence[int]) -> None:
    if not kinds:
        return
    jobs = found.jobs[list(kinds)]
    add_stack(plot, found.bins, dict(zip(kinds, jobs, strict=True)))


def _add_hover(
    plot: Plot, found: Flight, kinds: Sequence[int], top: float, *, with_ideal: bool = False
) -> None:
    looks, numbers = kind_looks(), list(found.jobs[list(kinds)])
    heading = _("jobs on average, for {time} from here").format(
        time=duration_text(found.bins.width_ns)
    )
    lines = [f"{looks[kind].name}: {_number(place)}" for place, kind in enumerate(kinds)]
    if with_ideal:
        numbers.append(found.ideal)
        lines.insert(0, _("in the ideal schedule: {jobs}").format(jobs=_number(len(kinds))))
    template = "<br>".join([heading, *reversed(lines)])
    add_hover(plot, found.bins, top, numbers=numbers, template=template)


def _number(place: int) -> str:
    """Return how a label gives the number at a place of what a pointer reads."""
    return f"%{{customdata[{place}]:,.4~r}}"
