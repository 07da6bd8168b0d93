"""The strip below a run that shows when it printed something, and when asyncio warned."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.charts.palette import BLOCKING, QUIET
from core.charts.stack import Plot, as_text
from core.mishaps import is_slow_callback_warning
from core.recording.recorder import LogLine
from core.timeline import Timeline
from core.units import duration_text
from core.words import _

MAX_LINES = 300
SHOWN_CHARACTERS = 90


def draw(plot: Plot, timeline: Timeline | None) -> None:
    """Mark the moment of each printed line, the first `MAX_LINES` of them, and name each."""
    lines = (
        [line for line in timeline.log if 0 <= line.at_ns <= timeline.end_ns] if timeline else []
    )
    shown = lines[:MAX_LINES]
    warnings = [line for line in shown if is_slow_callback_warning(line)]
    others = [line for line in shown if not is_slow_callback_warning(line)]
    _add(plot, others, colour=QUIET, symbol="line-ns")
    _add(plot, warnings, colour=BLOCKING, symbol="triangle-down")
    label = _("transcript") if len(shown) == len(lines) else _("transcript (beginning)")
    plot.update_y(range=[0, 1], tickvals=[0.5], ticktext=[label], showgrid=False, fixedrange=True)


def _add(plot: Plot, lines: Sequence[LogLine], *, colour: str, symbol: str) -> None:
    if not lines:
        return
    plot.add(
        go.Scatter(
            x=plot.axis.scaled(np.array([line.at_ns for line in lines], dtype=np.int64)),
            y=np.full(len(lines), 0.5),
            mode="markers",
            showlegend=False,
            marker={
                "symbol": symbol,
                "size": 12,
                "color": colour,
                "line": {"color": colour, "width": 2},
            },
            customdata=[_text(line) for line in lines],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )


def _text(line: LogLine) -> str:
    text = line.text
    if len(text) > SHOWN_CHARACTERS:
        text = text[: SHOWN_CHARACTERS - 1] + "…"
    return f"{duration_text(line.at_ns)}<br>{as_text(text)}"
