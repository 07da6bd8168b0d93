"""How many jobs were in each state over time: the strip, the stacked curves over bins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.analysis.metrics import InFlight, in_flight
from core.analysis.span_classes import COUNT, class_of, from_bottom, span_classes
from core.charts.axis import TimeAxis
from core.charts.density import Bins, Floats, Stretches, amounts
from core.charts.figure import IDEAL_RANK, Plot
from core.charts.layout import Section
from core.charts.marks import draw_beginning, draw_end, draw_guess, draw_startup
from core.charts.panel import Panel, RunInView
from core.spec.ideal import Schedule
from core.text.language import _, duration_text, ngettext
from core.timeline.timeline import State, Timeline


def held(plot: Plot, bins: Bins, values: Floats) -> dict[str, Any]:
    """Return the settings of a line that holds each value until the next bin."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x0": plot.axis.at_one(bins.start_ns),
        "dx": bins.width_ns / plot.axis.unit_ns,
        # Twice the last value: a step line ends at its last point, and each value holds until the
        # next one.
        "y": np.append(values, values[-1]),
    }


def add_stack(plot: Plot, bins: Bins, curves: Mapping[int, Floats]) -> None:
    """Draw curves upon one another, by the number of their class, the first one at the bottom."""
    looks = span_classes()
    for number, values in curves.items():
        look = looks[number]
        plot.add(
            held(plot, bins, values)
            | plot.in_legend(look.name, look.rank)
            | {
                "stackgroup": "classes",
                "line": {"shape": "hv", "width": 0, "color": plot.style.colour(look)},
                "fillcolor": plot.style.colour(look),
                "hoverinfo": "skip",
            }
        )


def add_hover(
    plot: Plot, bins: Bins, top: float, *, numbers: Sequence[Floats], template: str
) -> None:
    """Let a pointer read `numbers` of a bin in one label, wherever it rests from 0 up to `top`.

    It reads cells that nobody sees. A line would be read from close by only, not from the middle of
    what is filled below it.
    """
    table = np.array(numbers, dtype=np.float32).T
    plot.add(
        {
            "type": "heatmap",
            # One byte a cell is the least that Plotly decodes; nobody sees the colour.
            "z": np.zeros((1, bins.count), dtype=np.uint8),
            "x0": plot.axis.at_one(bins.start_ns + bins.width_ns / 2),
            "dx": bins.width_ns / plot.axis.unit_ns,
            "y0": top / 2,
            "dy": top,
            "opacity": 0,
            "showscale": False,
            "customdata": table[None],
            "hovertemplate": template + "<extra></extra>",
        }
    )


HEIGHT_PX, QUEUE_PX = 110, 44
# Above the largest number, so that its line is seen in all of its width.
AIR = 1.06


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsByClass:
    """The mean number of jobs by class of spans and bin, and that of the ideal schedule by bin."""

    bins: Bins
    jobs: Floats
    ideal: Floats

    def shows(self, number: int) -> bool:
        """Return whether any job was in a span of this class."""
        return bool(self.jobs[number].any())


def jobs_by_class(
    best: Schedule | None, timeline: Timeline | None, bins: Bins, time_ns: Floats | None = None
) -> JobsByClass:
    """Return the curves of a run; all zero where it is not measured yet.

    `time_ns` is what `time_by_class` gives, where it is known already.
    """
    if time_ns is None:
        time_ns = time_by_class(timeline, bins) if timeline else np.zeros((COUNT, bins.count))
    planned = np.zeros(bins.count) if best is None else _ideal_jobs(best, bins)
    return JobsByClass(bins=bins, jobs=time_ns / bins.width_ns, ideal=planned)


def time_by_class(timeline: Timeline, bins: Bins) -> Floats:
    """Return how long the jobs of a run were in each class of spans, by class and bin."""
    spans = timeline.spans
    lives = Stretches(row=class_of(spans), start_ns=spans.start_ns, end_ns=spans.end_ns)
    return amounts(lives, COUNT, bins).time_ns


def _ideal_jobs(best: Schedule, bins: Bins) -> Floats:
    start_ns = np.array(best.start_ns, dtype=np.int64)
    end_ns = np.array(best.end_ns, dtype=np.int64)
    planned = Stretches(row=np.zeros_like(start_ns), start_ns=start_ns, end_ns=end_ns)
    jobs: Floats = amounts(planned, 1, bins).time_ns[0] / bins.width_ns
    return jobs


def in_flight_sections(run: RunInView) -> list[Section]:
    """Return the strip of the jobs in flight: their number or, of a large run, curves by class.

    Where each job has a row of bars, that row already shows its class.
    """
    if run.bins is None:
        timeline = run.panel.timeline
        return [Section(height_px=STRIP_PX, draw=lambda plot: draw_number(plot, timeline))]
    found = jobs_by_class(run.panel.best, run.timeline, run.bins, run.time_by_class)
    return curves(found, run.panel)


def curves(found: JobsByClass, panel: Panel) -> list[Section]:
    """Return the area of the jobs in flight, and below it that of the jobs in a queue, if any.

    The queued have a scale of their own, since thousands may wait for each that works.
    In the first one the start-up of a pool, the end of the run and a guess are marked, too.
    """

    def draw(plot: Plot) -> None:
        classes = [number for number in from_bottom() if found.shows(number)]
        draw_startup(plot, panel.timeline)
        _add_ideal(plot, found)
        _add_jobs(plot, found, classes)
        most = max(_most(found.jobs[classes]), _most(found.ideal[None]))
        _scale(plot, _("jobs by state"), most)
        draw_beginning(plot, panel.timeline, _top(most), 0)
        draw_end(plot, panel.timeline, _top(most), 0)
        draw_guess(plot, panel.guess_ns, _top(most), 0)
        _add_jobs_hover(plot, found, classes, _top(most), with_ideal=panel.best is not None)

    def draw_queue(plot: Plot) -> None:
        _add_jobs(plot, found, [State.QUEUED])
        most = _most(found.jobs[[State.QUEUED]])
        _scale(plot, _("queued"), most)
        _add_jobs_hover(plot, found, [State.QUEUED], _top(most))

    drawn = [Section(height_px=HEIGHT_PX, draw=draw)]
    if found.shows(State.QUEUED):
        drawn.append(Section(height_px=QUEUE_PX, draw=draw_queue))
    return drawn


def _most(jobs: Floats) -> float:
    return float(jobs.sum(axis=0).max(initial=0))


def _top(most: float) -> float:
    """Return where a vertical axis ends that must hold `most` jobs."""
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


def _add_ideal(plot: Plot, found: JobsByClass) -> None:
    """Draw the ideal schedule behind the run, in grey: a run that takes longer leaves it."""
    if not found.ideal.any():
        return
    plot.add(
        held(plot, found.bins, found.ideal)
        | plot.in_legend(_("ideal"), IDEAL_RANK)
        | {
            "line": {"shape": "hv", "width": 1.5, "color": plot.style.ideal_line, "dash": "dot"},
            "fill": "tozeroy",
            "fillcolor": plot.style.ideal_area,
            "hoverinfo": "skip",
        }
    )


def _add_jobs(plot: Plot, found: JobsByClass, classes: Sequence[int]) -> None:
    if not classes:
        return
    jobs = found.jobs[list(classes)]
    add_stack(plot, found.bins, dict(zip(classes, jobs, strict=True)))


def _add_jobs_hover(
    plot: Plot, found: JobsByClass, classes: Sequence[int], top: float, *, with_ideal: bool = False
) -> None:
    looks, numbers = span_classes(), list(found.jobs[list(classes)])
    heading = _("jobs on average, for {time} from here").format(
        time=duration_text(found.bins.width_ns)
    )
    lines = [f"{looks[number].name}: {_number(place)}" for place, number in enumerate(classes)]
    if with_ideal:
        numbers.append(found.ideal)
        lines.insert(0, _("in the ideal schedule: {jobs}").format(jobs=_number(len(classes))))
    template = "<br>".join([heading, *reversed(lines)])
    add_hover(plot, found.bins, top, numbers=numbers, template=template)


def _number(place: int) -> str:
    """Return how a label gives the number at a place of what a pointer reads."""
    return f"%{{customdata[{place}]:,.4~r}}"


STRIP_PX = 64
# A laptop has some 700 pixels for the time axis: of more steps not each would be seen.
MAX_POINTS = 500


def draw_number(plot: Plot, timeline: Timeline | None) -> None:
    """Draw the number of jobs in flight as a filled line, whose top is named on the axis."""
    flight = numbers_in_view(in_flight(timeline), plot.axis) if timeline else None
    if timeline is None or flight is None or not len(flight.count):
        settings = {"range": [0, 1], "tickvals": [0], "ticktext": [_("none in flight")]}
    else:
        last_ns = min(plot.axis.end_ns, timeline.end_ns)
        _add_line(plot, thinned(flight, last_ns, start_ns=plot.axis.first_ns))
        peak = int(flight.count.max())
        text = ngettext("{count:,} in flight", "{count:,} in flight", peak).format(count=peak)
        settings = {"range": [0, peak * 1.08], "tickvals": [peak], "ticktext": [text]}
    plot.update_y(showgrid=False, **settings)


def numbers_in_view(flight: InFlight, axis: TimeAxis) -> InFlight:
    """Return the numbers from the beginning of an axis to its end, both with a moment."""
    if axis.start_ns is None or not len(flight.at_ns):
        return flight
    ends_ns = np.array([axis.start_ns, axis.end_ns], dtype=np.int64)
    # A number holds from its moment on: at an edge it is that of the last moment up to it.
    last = np.searchsorted(flight.at_ns, ends_ns, side="right") - 1
    at_ends = np.where(last >= 0, flight.count[last], 0)
    inside = (flight.at_ns > axis.start_ns) & (flight.at_ns < axis.end_ns)
    return InFlight(
        at_ns=np.concatenate([ends_ns[:1], flight.at_ns[inside], ends_ns[1:]]),
        count=np.concatenate([at_ends[:1], flight.count[inside], at_ends[1:]]),
    )


def thinned(flight: InFlight, end_ns: int, *, start_ns: int = 0) -> InFlight:
    """Return the numbers at no more than `MAX_POINTS` moments; between two of them the largest.

    The numbers are those that hold from each moment on, so peaks are never lost.
    """
    if len(flight.at_ns) <= MAX_POINTS:
        return flight
    edges = np.linspace(start_ns, end_ns, MAX_POINTS + 1).round().astype(np.int64)[:-1]
    cell = np.searchsorted(edges, flight.at_ns, side="right") - 1
    most = np.zeros(len(edges), dtype=np.int64)
    last = np.searchsorted(flight.at_ns, edges, side="right") - 1
    most[last >= 0] = flight.count[last[last >= 0]]
    # Each cell begins with the number that held before it; the largest within it is what it shows.
    np.maximum.at(most, cell, flight.count)
    return InFlight(at_ns=edges, count=most)


def _add_line(plot: Plot, flight: InFlight) -> None:
    text = _("%{y:,} jobs in flight at %{x:.4~g}") + f" {plot.axis.unit}"
    plot.add(
        {
            "type": "scatter",
            "x": plot.axis.at(flight.at_ns),
            "y": flight.count,
            "mode": "lines",
            "line": {
                "shape": "hv",
                "color": plot.style.colour(span_classes()[State.WAITING]),
                "width": 2,
            },
            "fill": "tozeroy",
            "showlegend": False,
            "hovertemplate": text + "<extra></extra>",
        }
    )
