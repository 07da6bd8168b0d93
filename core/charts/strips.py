"""The strips: narrow plots on the time axis of a run, and that of what the run printed.

A strip is one entry: it draws itself for runs of any size, and one yet to come.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import groupby

import numpy as np

from core.analysis.findings import is_slow_callback_warning
from core.analysis.span_classes import blocking_mark
from core.charts.axis import TimeAxis
from core.charts.figure import MARKS_RANK, QUIET, Plot
from core.charts.in_flight import in_flight_sections
from core.charts.layout import Section, as_text
from core.charts.loop import loop_sections
from core.charts.marks import MARK_PX
from core.charts.panel import RunInView
from core.recording.recorder import LogLine
from core.text.language import _, duration_text
from core.text.legible import shortened
from core.timeline.timeline import Timeline

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
            "x": plot.axis.scaled(
                np.array([moment[0].at_ns for moment in moments], dtype=np.int64)
            ),
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
