"""The strip below a run that shows when its event loop was busy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.charts.palette import blocking_look, looks
from core.timeline import BLOCKING_NS, Integers, State, Timeline
from core.units import duration_text
from core.words import _

MAX_BARS = 400
LEAST_VISIBLE_SHARE = 0.04

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """Stretches of time with the share of each during which the loop ran steps."""

    start_ns: Integers
    end_ns: Integers
    busy_ns: Integers


def busy(timeline: Timeline) -> Busy:
    """Return the loop's steps, or their sums over equal stretches of time if there are many."""
    steps = timeline.steps_of_run
    if len(steps) <= MAX_BARS:
        return Busy(
            start_ns=steps.start_ns, end_ns=steps.end_ns, busy_ns=steps.end_ns - steps.start_ns
        )
    edges = np.linspace(0, int(steps.end_ns.max()), MAX_BARS + 1).round().astype(np.int64)
    return Busy(
        start_ns=edges[:-1], end_ns=edges[1:], busy_ns=np.diff(_busy_before(timeline, edges))
    )


def _busy_before(timeline: Timeline, moments: Integers) -> Integers:
    """Return for each moment how long the loop had been busy by then."""
    steps = timeline.steps_of_run
    durations = steps.end_ns - steps.start_ns
    done = np.append(0, durations.cumsum())
    begun = np.searchsorted(steps.start_ns, moments, side="right")
    last = np.maximum(begun - 1, 0)
    in_last = np.minimum(moments - steps.start_ns[last], durations[last])
    return np.where(begun > 0, done[last] + in_last, 0)


def add(
    figure: go.Figure,
    timeline: Timeline | None,
    scaled: Callable[[Integers], Floats],
    end: float,
    place: int,
) -> None:
    """Draw the strip into a row of a figure.

    Args:
        figure: Gains up to two traces.
        timeline: A run; nothing but the empty strip is drawn for None or a run without a loop.
        scaled: Turns nanoseconds into the unit of the time axis.
        end: The end of the time axis in that unit.
        place: The row, counted from 1.
    """
    if timeline is not None and len(timeline.steps):
        parts = busy(timeline)
        is_blocking = parts.busy_ns >= BLOCKING_NS
        running = looks()[State.RUNNING]
        blocking = blocking_look()
        for chosen, look in ((~is_blocking, running), (is_blocking, blocking)):
            _add_bars(figure, parts, chosen, look.colour, scaled, place)
    label = _("event loop") if timeline is None or len(timeline.steps) else _("no event loop")
    figure.update_yaxes(
        range=[0, 1], tickvals=[0.5], ticktext=[label], fixedrange=True, row=place, col=1
    )
    figure.update_xaxes(range=[0, end], row=place, col=1)


def _add_bars(
    figure: go.Figure,
    parts: Busy,
    chosen: npt.NDArray[np.bool_],
    colour: str,
    scaled: Callable[[Integers], Floats],
    place: int,
) -> None:
    if not chosen.any():
        return
    start_ns, end_ns = parts.start_ns[chosen], parts.end_ns[chosen]
    share = parts.busy_ns[chosen] / np.maximum(end_ns - start_ns, 1)
    height = np.where(share > 0, np.maximum(share, LEAST_VISIBLE_SHARE), 0)
    figure.add_bar(
        x=scaled(start_ns),
        y=height,
        width=scaled(end_ns - start_ns),
        offset=0,
        showlegend=False,
        marker={"color": colour, "line": {"color": colour, "width": 1}},
        customdata=[
            _("the loop was busy for {busy} of {length}").format(
                busy=duration_text(int(busy_ns)), length=duration_text(int(length_ns))
            )
            for busy_ns, length_ns in zip(parts.busy_ns[chosen], end_ns - start_ns, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
        row=place,
        col=1,
    )
