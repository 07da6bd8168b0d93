"""The strips: narrow plots on the time axis of a run, and those of its loops and its transcript.

A strip is one entry: it draws itself for runs of any size, and for one yet to come. Event loops
have a band each, of bars for few steps, else of curves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import numpy as np

from core.analysis.findings import is_slow_callback_warning
from core.analysis.span_classes import BLOCKING, SpanClass, blocking_mark, span_classes
from core.charts.axis import TimeAxis
from core.charts.density import Bins, Floats, Stretches, amounts
from core.charts.figure import MARKS_RANK, QUIET, Plot
from core.charts.in_flight import add_hover, add_stack, in_flight_sections
from core.charts.layout import Section, as_text
from core.charts.marks import MARK_PX
from core.charts.panel import RunInView
from core.recording.events import lane_name
from core.recording.recorder import LogLine
from core.text.language import _, duration_text, ngettext
from core.text.legible import shortened
from core.timeline.timeline import Booleans, Cause, Integers, State, Steps, Timeline

MAX_BANDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Some loops, and how many of them may run at once: more than one only in the last band."""

    lanes: tuple[int, ...]
    at_once: int = 1

    def label(self, *, alone: bool) -> str:
        """Return what the band is called, among others or `alone`."""
        count = len(self.lanes)
        if count > 1:
            return ngettext("{count:,} event loop", "{count:,} event loops", count).format(
                count=count
            )
        return _("event loop") if alone else lane_name(self.lanes[0])

    def steps_of(self, steps: Steps) -> Steps:
        """Return the steps of the band's loops, in the order of their times."""
        own = steps.where(np.isin(steps.lane, self.lanes))
        return own.where(np.argsort(own.start_ns, kind="stable"))


def bands(steps: Steps) -> list[Band]:
    """Return the bands of some loops, from top to bottom; none for no steps.

    A program may run a hundred loops one after another: these are one band. What does not fit into
    `MAX_BANDS` is summed up in the last one.
    """
    lanes = steps.lanes
    first_ns, last_ns = _from_first_to_last_step(steps)
    groups: list[list[int]] = []
    free_ns: list[int] = []
    # Loops are taken in the order in which they begin, and each joins the first band that is free
    # by then, so no two of a band overlap.
    for place in np.argsort(first_ns, kind="stable").tolist():
        fitting = [band for band, until_ns in enumerate(free_ns) if until_ns <= first_ns[place]]
        if fitting:
            groups[fitting[0]].append(lanes[place])
            free_ns[fitting[0]] = int(last_ns[place])
        else:
            groups.append([lanes[place]])
            free_ns.append(int(last_ns[place]))
    found = [Band(lanes=tuple(group)) for group in groups[:MAX_BANDS]]
    more = groups[MAX_BANDS - 1 :]
    if len(more) > 1:
        together = tuple(lane for group in more for lane in group)
        found[-1] = Band(lanes=together, at_once=len(more))
    return found


def _from_first_to_last_step(steps: Steps) -> tuple[Integers, Integers]:
    """Return when the first step of each loop began, and its last one ended."""
    first = np.flatnonzero(np.diff(steps.lane, prepend=-1))
    last = np.append(first[1:], len(steps))[: len(first)] - 1
    return steps.start_ns[first], steps.end_ns[last]


BAND_PX = 28
MAX_BARS = 400
"""How many steps are drawn one by one in a chart without bins; a screen has two pixels for each."""


def loop_sections(run: RunInView) -> list[Section]:
    """Return the strip of each band of a run's event loops, or one that says why there is none."""
    timeline = run.panel.timeline
    found = [] if timeline is None else bands(timeline.steps)
    if timeline is None or not found:
        return [_nothing(_("event loop") if timeline is None else _("no event loop"))]
    steps = timeline.steps_of_run
    return [
        band_section(band.steps_of(steps), band, band.label(alone=len(found) == 1), run.bins)
        for band in found
    ]


def _nothing(label: str) -> Section:
    return Section(height_px=BAND_PX, draw=lambda plot: _name(plot, label))


def band_section(steps: Steps, band: Band, label: str, bins: Bins | None = None) -> Section:
    """Return the strip of a band.

    If there are no more steps in view than bins, each has a bar, exact to the nanosecond. More, or
    those of loops that run at once, are summed up over `bins`; if None, over `MAX_BARS`.
    """

    def draw(plot: Plot) -> None:
        axis = plot.axis
        seen = _in_view(steps, axis)
        most = bins.count if bins else MAX_BARS
        if band.at_once == 1 and np.count_nonzero(seen) <= most:
            _add_bars(plot, steps.where(seen))
        else:
            over = bins or Bins.over(axis.first_ns, axis.end_ns, MAX_BARS)
            _add_curves(plot, loop_shares(steps, over, band.at_once))
        _add_collections(plot, steps.where(seen & (steps.cause == Cause.COLLECTION)))
        _name(plot, label)

    return Section(height_px=BAND_PX, draw=draw)


def _name(plot: Plot, label: str) -> None:
    plot.update_y(range=[0, 1], tickvals=[0.5], ticktext=[label], showgrid=False)


def _in_view(steps: Steps, axis: TimeAxis) -> Booleans:
    if axis.start_ns is None:
        return np.ones(len(steps), dtype=np.bool_)
    inside: Booleans = (steps.start_ns < axis.end_ns) & (steps.end_ns > axis.start_ns)
    return inside


def _add_bars(plot: Plot, steps: Steps) -> None:
    """Draw a bar for each step; one that is partly in view blocks by its whole length."""
    looks = span_classes()
    # Blocking steps last: where bars of a pixel overlap, it is they that must be seen.
    for look, chosen in (
        (looks[State.RUNNING], ~steps.is_blocking),
        (looks[BLOCKING], steps.is_blocking),
    ):
        if chosen.any():
            _add_bars_of(plot, steps.where(chosen), look)


def _add_bars_of(plot: Plot, steps: Steps, look: SpanClass) -> None:
    start_ns = plot.axis.clipped(steps.start_ns)
    length_ns = plot.axis.clipped(steps.end_ns) - start_ns
    text, colour = _("the loop was busy for {time}"), plot.style.colour(look)
    plot.add(
        {
            "type": "bar",
            "x": plot.axis.at(start_ns),
            "y": np.ones(len(steps)),
            "width": plot.axis.scaled(length_ns),
            "offset": 0,
            # A step of microseconds is narrower than a pixel: its edge is what is seen of it.
            "marker": {"color": colour, "line": {"color": colour, "width": 1}},
            "customdata": [
                text.format(time=duration_text(each)) for each in (steps.end_ns - steps.start_ns)
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        | plot.in_legend(look.name, look.rank)
    )


def _add_collections(plot: Plot, steps: Steps) -> None:
    """Cross out the steps that were mostly a garbage collection, which is no job's doing.

    When in a step it began is not known, but for how much of it Python collected.
    """
    if not len(steps):
        return
    longest = np.sort(np.argsort(steps.end_ns - steps.start_ns)[-MAX_BARS:])
    start_ns = plot.axis.clipped(steps.start_ns[longest])
    length_ns = plot.axis.clipped(steps.end_ns[longest]) - start_ns
    text = _("the loop was busy for {time}, of that {collected} with a garbage collection")
    plot.add(
        {
            "type": "bar",
            "x": plot.axis.at(start_ns),
            "y": np.ones(len(longest)),
            "width": plot.axis.scaled(length_ns),
            "offset": 0,
            "marker": {
                "color": plot.style.colour(span_classes()[State.RUNNING]),
                "pattern": plot.style.crossed,
                "line": {"width": 0},
            },
            "customdata": [
                text.format(
                    time=duration_text(int(steps.end_ns[step] - steps.start_ns[step])),
                    collected=duration_text(int(steps.cause_ns[step])),
                )
                for step in longest.tolist()
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        | plot.in_legend(_("garbage collection"), MARKS_RANK)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopShares:
    """Which share of each bin the loop was busy, and with blocking steps; how many of them began.

    The whole width counts also for the last bin, which may reach beyond the end.
    """

    bins: Bins
    busy: Floats
    blocking: Floats
    blocking_begun: Integers


def loop_shares(steps: Steps, bins: Bins, at_once: int = 1) -> LoopShares:
    """Return the shares of a loop, or of several; up to `at_once` of them run at a time."""
    is_blocking = steps.is_blocking.astype(np.int64)
    times = Stretches(row=is_blocking, start_ns=steps.start_ns, end_ns=steps.end_ns)
    found = amounts(times, 2, bins)
    return LoopShares(
        bins=bins,
        busy=found.time_ns.sum(axis=0) / (bins.width_ns * at_once),
        blocking=found.time_ns[1] / (bins.width_ns * at_once),
        blocking_begun=found.begun[1],
    )


def _add_curves(plot: Plot, shares: LoopShares) -> None:
    # The square root lets a share of a hundredth be seen, a tenth of the height, and keeps order.
    height = np.sqrt(shares.busy)
    blocking = shares.blocking / np.where(shares.busy > 0, shares.busy, 1) * height
    curves = {int(State.RUNNING): height - blocking, BLOCKING: blocking}
    add_stack(plot, shares.bins, {number: y for number, y in curves.items() if y.any()})
    lines = [
        _("the loop was busy for {share} of {time}").format(
            share="%{customdata[0]:.2%}", time=duration_text(shares.bins.width_ns)
        ),
        _("blocking: {share}; steps of that kind that begin here: {count}").format(
            share="%{customdata[1]:.2%}", count="%{customdata[2]:,}"
        ),
        _("the height is the square root of the share"),
    ]
    numbers = [shares.busy, shares.blocking, shares.blocking_begun.astype(np.float64)]
    add_hover(plot, shares.bins, 1, numbers=numbers, template="<br>".join(lines))


LOG_PX = 28
CELLS = 150
"""How many marks fit side by side; what is printed closer together shares one."""
# What a pointer opens must fit above or below it, also where a chart is low.
LINES_SHOWN = 6
SHOWN_CHARACTERS = 90

Moment = list[LogLine]
"""Lines that were printed so soon after one another that they share a mark."""


def draw_transcript(plot: Plot, timeline: Timeline | None) -> None:
    """Mark the moments at which something was printed; a warning of asyncio's has its own mark."""
    moments = _moments(timeline.log if timeline else (), plot.axis)
    warned = [any(map(is_slow_callback_warning, moment)) for moment in moments]
    warning = blocking_mark()
    pairs = list(zip(moments, warned, strict=True))
    printed, warnings = (
        [each for each, warns in pairs if warns is wanted] for wanted in (False, True)
    )
    _add(plot, printed, name=_("printed"), colour=QUIET, symbol="line-ns")
    _add(
        plot,
        warnings,
        name=_("warning of asyncio"),
        colour=plot.style.colour(warning),
        symbol=warning.symbol,
    )
    label = _("transcript") if moments or timeline is None else _("nothing printed")
    plot.update_y(range=[0, 1], tickvals=[0.5], ticktext=[label], showgrid=False)


def _moments(log: Sequence[LogLine], axis: TimeAxis) -> list[Moment]:
    first_ns, length_ns = axis.first_ns, max(1, axis.length_ns)
    shown = [line for line in log if first_ns <= line.at_ns <= axis.end_ns]
    # Lines are in the order of their moments, so those of one cell follow one another.
    cells = groupby(shown, key=lambda line: (line.at_ns - first_ns) * CELLS // length_ns)
    return [list(moment) for _cell, moment in cells]


def _add(plot: Plot, moments: Sequence[Moment], *, name: str, colour: str, symbol: str) -> None:
    if not moments:
        return
    plot.add(
        {
            "type": "scatter",
            "x": plot.axis.at(np.array([moment[0].at_ns for moment in moments], dtype=np.int64)),
            "y": np.full(len(moments), 0.5),
            "mode": "markers",
            "marker": {
                "symbol": symbol,
                "size": plot.style.mark_px(MARK_PX),
                "color": colour,
                "line": {"color": colour, "width": 2},
            },
            "customdata": ["<br>".join(map(as_text, _texts(moment))) for moment in moments],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        | plot.in_legend(name, MARKS_RANK)
    )


def _texts(moment: Moment) -> list[str]:
    texts = [
        f"{duration_text(line.at_ns)}  {shortened(line.text, SHOWN_CHARACTERS)}"
        for line in moment[:LINES_SHOWN]
    ]
    left_out = len(moment) - len(texts)
    return [*texts, _("… and {count:,} more lines").format(count=left_out)] if left_out else texts


def transcript_sections(run: RunInView) -> list[Section]:
    """Return the strip of what a run printed."""
    timeline = run.panel.timeline
    return [Section(height_px=LOG_PX, draw=lambda plot: draw_transcript(plot, timeline))]


class Strip(StrEnum):
    """What a strip shows."""

    LOOP = "loop"
    FLIGHT = "flight"
    LOG = "log"


STRIPS: dict[Strip, Callable[[RunInView], list[Section]]] = {
    Strip.LOOP: loop_sections,
    Strip.FLIGHT: in_flight_sections,
    Strip.LOG: transcript_sections,
}
