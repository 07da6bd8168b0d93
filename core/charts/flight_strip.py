"""The strip below a run that shows how many of its jobs were under way at each moment."""

import numpy as np

from core.analysis.metrics import InFlight, in_flight
from core.charts.axis import TimeAxis
from core.charts.palette import WAITING
from core.charts.plot import Plot
from core.text.language import _, ngettext
from core.timeline.timeline import Timeline

MAX_POINTS = 500


def draw(plot: Plot, timeline: Timeline | None) -> None:
    """Draw the number of jobs in flight as a filled line, whose top is named on the axis."""
    flight = in_view(in_flight(timeline), plot.axis) if timeline else None
    if timeline is None or flight is None or not len(flight.count):
        settings = {"range": [0, 1], "tickvals": [0], "ticktext": [_("none at once")]}
    else:
        last_ns = min(plot.axis.end_ns, timeline.end_ns)
        _add_line(plot, thinned(flight, last_ns, start_ns=plot.axis.first_ns))
        peak = int(flight.count.max())
        text = ngettext("{count:,} at once", "{count:,} at once", peak).format(count=peak)
        settings = {"range": [0, peak * 1.08], "tickvals": [peak], "ticktext": [text]}
    plot.update_y(showgrid=False, fixedrange=True, zeroline=False, **settings)


def in_view(flight: InFlight, axis: TimeAxis) -> InFlight:
    """Return the numbers from the beginning of an axis to its end, both with a moment."""
    if axis.start_ns is None or not len(flight.at_ns):
        return flight
    ends_ns = np.array([axis.start_ns, axis.end_ns], dtype=np.int64)
    last = np.searchsorted(flight.at_ns, ends_ns, side="right") - 1
    at_ends = np.where(last >= 0, flight.count[last], 0)
    inside = (flight.at_ns > axis.start_ns) & (flight.at_ns < axis.end_ns)
    return InFlight(
        at_ns=np.concatenate([ends_ns[:1], flight.at_ns[inside], ends_ns[1:]]),
        count=np.concatenate([at_ends[:1], flight.count[inside], at_ends[1:]]),
    )


def thinned(flight: InFlight, end_ns: int, *, start_ns: int = 0) -> InFlight:
    """Return the numbers at so many moments as can be drawn; between two of them the largest.

    The numbers are those that hold from each moment on, so peaks are never lost.
    """
    if len(flight.at_ns) <= MAX_POINTS:
        return flight
    edges = np.linspace(start_ns, end_ns, MAX_POINTS + 1).round().astype(np.int64)[:-1]
    cell = np.searchsorted(edges, flight.at_ns, side="right") - 1
    most = np.zeros(len(edges), dtype=np.int64)
    last = np.searchsorted(flight.at_ns, edges, side="right") - 1
    most[last >= 0] = flight.count[last[last >= 0]]
    np.maximum.at(most, cell, flight.count)
    return InFlight(at_ns=edges, count=most)


def _add_line(plot: Plot, flight: InFlight) -> None:
    text = _("%{y:,} jobs in flight at %{x:.4~g}")
    plot.add(
        {
            "type": "scatter",
            "x": plot.axis.scaled(flight.at_ns),
            "y": flight.count,
            "mode": "lines",
            "line": {"shape": "hv", "color": WAITING, "width": 2},
            "fill": "tozeroy",
            "showlegend": False,
            "hovertemplate": text + "<extra></extra>",
        }
    )
