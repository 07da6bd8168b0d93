"""When the event loops of a run were busy: a band each, as bars or, of a large run, as curves."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.analysis.span_classes import BLOCKING, SpanClass, span_classes
from core.charts.axis import TimeAxis
from core.charts.bins import Bins, Floats, Stretches, amounts
from core.charts.figure import Plot
from core.charts.in_flight import add_hover, add_stack
from core.charts.layout import Section
from core.charts.panel import RunInView
from core.recording.events import lane_name
from core.text.language import _, ngettext
from core.text.numbers import duration_text
from core.timeline.timeline import Integers, State, Steps, Timeline

MAX_BANDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Some loops, and how many of them may run at once: more than one only in the last band."""

    lanes: tuple[int, ...]
    at_once: int = 1

    def label(self, *, alone: bool) -> str:
        """Return what the band is called, beside others or `alone`."""
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


MAX_BARS = 400
LEAST_VISIBLE_SHARE = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """Stretches of time: how long the loop ran steps in each, and if one of them blocked it."""

    start_ns: Integers
    end_ns: Integers
    busy_ns: Integers
    is_blocking: npt.NDArray[np.bool_]

    def chosen(self, mask: npt.NDArray[np.bool_]) -> "Busy":
        """Return some of the stretches only."""
        return Busy(
            start_ns=self.start_ns[mask],
            end_ns=self.end_ns[mask],
            busy_ns=self.busy_ns[mask],
            is_blocking=self.is_blocking[mask],
        )


def busy(steps: Steps, axis: TimeAxis, at_once: int = 1) -> Busy:
    """Return a loop's steps in view, or their sums over equal stretches if there are many.

    A step that is partly in view counts with that part; it is blocking by its whole length.
    Loops that run at once, of which there may be `at_once`, are summed up.
    """
    last_ns = min(axis.end_ns, int(steps.end_ns.max(initial=0)))
    inside = np.ones(len(steps), dtype=np.bool_)
    if axis.start_ns is not None:
        inside = (steps.start_ns < last_ns) & (steps.end_ns > axis.start_ns)
    if at_once == 1 and np.count_nonzero(inside) <= MAX_BARS:
        start_ns = axis.clipped(steps.start_ns[inside])
        end_ns = axis.clipped(steps.end_ns[inside])
        return Busy(
            start_ns=start_ns,
            end_ns=end_ns,
            busy_ns=end_ns - start_ns,
            is_blocking=steps.is_blocking[inside],
        )
    edges = np.linspace(axis.first_ns, last_ns, MAX_BARS + 1).round().astype(np.int64)
    return Busy(
        start_ns=edges[:-1],
        end_ns=edges[1:],
        busy_ns=np.diff(_busy_before(steps, edges)),
        is_blocking=_holds_blocking_step(steps, edges),
    )


def _holds_blocking_step(steps: Steps, edges: Integers) -> npt.NDArray[np.bool_]:
    """Return for each stretch between two edges if a step that blocks its loop reaches into it."""
    blocking = steps.is_blocking
    begun = np.searchsorted(np.sort(steps.start_ns[blocking]), edges[1:], side="left")
    ended = np.searchsorted(np.sort(steps.end_ns[blocking]), edges[:-1], side="right")
    held: npt.NDArray[np.bool_] = begun > ended
    return held


def _busy_before(steps: Steps, moments: Integers) -> Integers:
    """Return for each moment how long the loops had been busy by then, in sum."""
    found = np.zeros(len(moments), dtype=np.int64)
    for lane in steps.lanes:
        found += _loop_busy_before(steps.of(lane), moments)
    return found


def _loop_busy_before(steps: Steps, moments: Integers) -> Integers:
    durations = steps.end_ns - steps.start_ns
    done = np.append(0, durations.cumsum())
    begun = np.searchsorted(steps.start_ns, moments, side="right")
    last = np.maximum(begun - 1, 0)
    in_last = np.minimum(moments - steps.start_ns[last], durations[last])
    return np.where(begun > 0, done[last] + in_last, 0)


def draw_bars(plot: Plot, timeline: Timeline | None) -> None:
    """Draw the strip: a bar's height is the share of its time during which its loop was busy.

    Nothing but the empty strip is drawn for a run without a loop, or one yet to come.
    """
    found = [] if timeline is None else bands(timeline.steps)
    labels = [band.label(alone=len(found) == 1) for band in found]
    if timeline is not None:
        for place, band in enumerate(reversed(found)):
            parts = busy(band.steps_of(timeline.steps_of_run), plot.axis, band.at_once)
            row = _Row(bottom=place, at_once=band.at_once, height=1 if len(found) == 1 else 0.9)
            _add_bars(plot, parts.chosen(~parts.is_blocking), span_classes()[State.RUNNING], row)
            _add_bars(plot, parts.chosen(parts.is_blocking), span_classes()[BLOCKING], row)
    plot.update_y(
        range=[0, max(1, len(found))],
        tickvals=[place + 0.5 for place in range(max(1, len(found)))],
        ticktext=labels[::-1] or [_("event loop") if timeline is None else _("no event loop")],
        showgrid=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Where the bars of a band stand, and of how many loops they tell."""

    bottom: int
    at_once: int
    height: float


def _add_bars(plot: Plot, parts: Busy, look: SpanClass, row: _Row) -> None:
    if not len(parts.busy_ns):
        return
    length_ns = parts.end_ns - parts.start_ns
    share = parts.busy_ns / np.maximum(length_ns * row.at_once, 1)
    words = _("the loop was busy for {busy} of {length}")
    plot.add(
        {
            "type": "bar",
            "x": plot.axis.scaled(parts.start_ns),
            "y": row.height * np.where(share > 0, np.maximum(share, LEAST_VISIBLE_SHARE), 0),
            "base": row.bottom,
            "width": plot.axis.scaled(length_ns),
            "offset": 0,
            "marker": {"color": look.colour, "line": {"color": look.colour, "width": 1}},
            "customdata": [
                words.format(busy=duration_text(busy_ns), length=duration_text(whole_ns))
                for busy_ns, whole_ns in zip(
                    parts.busy_ns.tolist(), length_ns.tolist(), strict=True
                )
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        | plot.in_legend(look.name, look.rank)
    )


BAND_PX, CURVE_PX = 28, 32


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
    """Return the shares of a loop, or of several, of which so many may run at once."""
    is_blocking = steps.is_blocking.astype(np.int64)
    times = Stretches(row=is_blocking, start_ns=steps.start_ns, end_ns=steps.end_ns)
    found = amounts(times, 2, bins)
    return LoopShares(
        bins=bins,
        busy=found.time_ns.sum(axis=0) / (bins.width_ns * at_once),
        blocking=found.time_ns[1] / (bins.width_ns * at_once),
        blocking_begun=found.begun[1],
    )


def loop_sections(run: RunInView) -> list[Section]:
    """Return the strip of a run's event loops: bars or, of a large run, a curve for each band."""
    whole, bins = run.panel.timeline, run.bins
    found = [] if whole is None else bands(whole.steps)
    if whole is None or bins is None:
        height_px = BAND_PX * max(1, len(found))
        return [Section(height_px=height_px, draw=lambda plot: draw_bars(plot, whole))]
    return [
        loop_section(
            loop_shares(band.steps_of(whole.steps_of_run), bins, band.at_once),
            band.label(alone=len(found) == 1),
        )
        for band in found
    ]


def loop_section(shares: LoopShares, label: str) -> Section:
    """Return the strip of an event loop, or of several."""

    def draw(plot: Plot) -> None:
        height = np.sqrt(shares.busy)
        blocking = shares.blocking / np.where(shares.busy > 0, shares.busy, 1) * height
        curves = {int(State.RUNNING): height - blocking, BLOCKING: blocking}
        add_stack(plot, shares.bins, {number: y for number, y in curves.items() if y.any()})
        _add_loop_hover(plot, shares)
        plot.update_y(range=[0, 1], tickvals=[0.5], ticktext=[label], showgrid=False)

    return Section(height_px=CURVE_PX, draw=draw)


def _add_loop_hover(plot: Plot, shares: LoopShares) -> None:
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
