"""When the event loop of a large run was busy: the exact share of each bin, also of blocking steps.

The height is the square root of the share, so that 2 % of a bin are seen as 14 %.
"""

from dataclasses import dataclass

import numpy as np

from core.charts.bins import Bins, Floats, Stretches, amounts
from core.charts.curves import add_hover, add_stack
from core.charts.kinds import BLOCKING
from core.charts.loop_bands import bands
from core.charts.plot import Plot
from core.charts.sheet import Section
from core.text.language import _
from core.text.numbers import duration_text
from core.timeline.timeline import Integers, State, Steps, Timeline

HEIGHT_PX = 32


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


def sections(timeline: Timeline, bins: Bins) -> list[Section]:
    """Return the strips of a run's event loops; none for a run without."""
    found = bands(timeline.steps)
    return [
        section(
            loop_shares(band.steps_of(timeline.steps_of_run), bins, band.at_once),
            band.label(alone=len(found) == 1),
        )
        for band in found
    ]


def section(shares: LoopShares, label: str) -> Section:
    """Return the strip of an event loop, or of several."""

    def draw(plot: Plot) -> None:
        height = np.sqrt(shares.busy)
        blocking = shares.blocking / np.where(shares.busy > 0, shares.busy, 1) * height
        curves = {int(State.RUNNING): height - blocking, BLOCKING: blocking}
        add_stack(plot, shares.bins, {kind: y for kind, y in curves.items() if y.any()})
        _add_hover(plot, shares)
        plot.update_y(range=[0, 1], tickvals=[0.5], ticktext=[label], showgrid=False)

    return Section(height_px=HEIGHT_PX, draw=draw)


def _add_hover(plot: Plot, shares: LoopShares) -> None:
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
