"""The one way to a chart: exact bars as long as a browser can paint them."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.charts.gantt import gantt
from core.charts.lanes import LaneView
from core.charts.panel import Panel
from core.charts.strips import Strip
from core.charts.window import Window


def draw(
    panels: Sequence[Panel],
    *,
    view: LaneView = LaneView.JOBS,
    strips: Sequence[Strip] = (),
    ink: str | None = None,
    window: Window | None = None,
) -> go.Figure:
    """Return the chart of one or more runs.

    Args:
        panels: The runs, from top to bottom; at least one.
        view: One row a job, or one row for each worker and the loop.
        strips: What else to show below each run, on the same axis.
        ink: The colour of titles and labels; None leaves it to the page's theme.
        window: The stretch of time and of jobs to show, the same of each run; None shows all.
    """
    return gantt(panels, view=view, strips=strips, ink=ink, window=window)
