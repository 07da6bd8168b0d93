"""The lines below a large run's title: its time scale, and its numbers in words."""

from collections.abc import Sequence

import numpy as np

from core.analysis.metrics import loop_busy_ns, peak_in_flight
from core.charts.axis import Window
from core.charts.dense_lanes import Rare
from core.charts.panel import Panel
from core.text.language import _, ngettext
from core.text.numbers import duration_text
from core.timeline.timeline import Timeline

FACTS_PX = 12


def title_with(panel: Panel, lines: Sequence[str]) -> str:
    """Return the title of a run with lines of small text below it."""
    small = "".join(
        f'<br><span style="font-size:{FACTS_PX}px">{line}</span>' for line in lines if line
    )
    return panel.title + small


def scale_text(end_ns: int, longest_ns: int, window: Window | None) -> str:
    """Return what a run's time axis shows: a window, or all of the run, and how much larger."""
    if window is not None:
        return _("from {start} to {end}").format(
            start=duration_text(window.start_ns), end=duration_text(window.end_ns)
        )
    factor = longest_ns / max(1, end_ns)
    length = duration_text(end_ns)
    if factor < 1.05:
        return _("own time scale: {length}").format(length=length)
    shown = f"{factor:.2g}" if factor < 99.5 else f"{factor:,.0f}"
    return _("own time scale: {length}, zoomed {factor}×").format(  # noqa: RUF001 - times sign
        length=length, factor=shown
    )


def use_text(timeline: Timeline) -> str:
    """Return how busy the loop of a run was, and how many of its jobs were in flight."""
    parts = []
    if len(timeline.steps.lanes) > 1:
        busy = duration_text(loop_busy_ns(timeline))
        parts.append(_("event loops busy {time} in sum").format(time=busy))
    elif len(timeline.steps):
        share = loop_busy_ns(timeline) / max(1, timeline.end_ns)
        parts.append(_("event loop busy {share}").format(share=f"{share:.0%}"))
    parts.append(_("peak in flight {count:,}").format(count=peak_in_flight(timeline)))
    return " · ".join(parts)


def blocking_text(timeline: Timeline) -> str:
    """Return how many steps of a run blocked the loop; empty for none.

    Those of the pattern's own code are among them, which no job's lane has a mark for.
    """
    steps = timeline.steps_of_run
    count = int(np.count_nonzero(steps.is_blocking))
    if not count:
        return ""
    text = ngettext(
        "{count:,} step of the event loop blocks", "{count:,} steps of the event loop block", count
    )
    return text.format(count=count)


def rare_text(single: Sequence[Rare], binned: Sequence[Rare]) -> str:
    """Return how many events of each sort there are in view, and which are shown in bins."""
    texts = [f"<b>{rare.count_text}</b>" for rare in single]
    texts += [
        _("{events}, counted in bins").format(events=f"<b>{rare.count_text}</b>") for rare in binned
    ]
    return " · ".join(texts)
