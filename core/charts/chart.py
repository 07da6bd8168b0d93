"""The one way to a chart: exact bars as long as a browser can paint them, else exact sums."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.charts.axis import Window
from core.charts.exact_lanes import MAX_SPANS, LaneView
from core.charts.figure import Sheet
from core.charts.gantt import gantt
from core.charts.overview import overview
from core.charts.panel import Panel
from core.charts.strips import Strip
from core.spec.ideal import ideal
from core.timeline.timeline import Integers


def draw(
    panels: Sequence[Panel],
    *,
    view: LaneView = LaneView.JOBS,
    strips: Sequence[Strip] = (),
    ink: str | None = None,
    window: Window | None = None,
) -> Sheet:
    """Return the chart of one or more runs, of whose parts a figure can be made.

    Exact bars of a window show the jobs that do something in it, and no rows for the others.

    Args:
        panels: The runs, from top to bottom; at least one.
        view: One row a job, or one row for each worker and the loop.
        strips: What else to show below each run, on the same axis.
        ink: The colour of titles and labels; None leaves it to the page's theme.
        window: The stretch of time and of jobs to show, the same of each run; None shows all.
    """
    if is_large(panels, window):
        return overview(panels, view=view, strips=strips, ink=ink, window=window)
    near = window and _narrowed(panels, window)
    return gantt(panels, view=view, strips=strips, ink=ink, window=near)


def is_large(panels: Sequence[Panel], window: Window | None) -> bool:
    """Tell whether what is in view has more spans, or more jobs, than can be drawn one by one."""
    jobs = [_jobs_in_view(panel, window) for panel in panels]
    if sum(map(len, jobs)) > MAX_SPANS:
        return True
    if window is None:
        return sum(_rows(panel) for panel in panels) > MAX_SPANS
    first, last = _narrowed(panels, window).jobs or (0, 0)
    return last - first >= MAX_SPANS


def _rows(panel: Panel) -> int:
    """Return how many jobs have a row: those foreseen or, as some are copies, those made."""
    made = 0 if panel.timeline is None else len(panel.timeline.jobs)
    return max(panel.spec.tasks, made)


def _narrowed(panels: Sequence[Panel], window: Window) -> Window:
    """Return the window with the jobs only that do something in it, from the first to the last."""
    jobs = np.concatenate([_jobs_in_view(panel, window) for panel in panels])
    if not len(jobs):
        return window
    return replace(window, jobs=(int(jobs.min()), int(jobs.max())))


def _jobs_in_view(panel: Panel, window: Window | None) -> Integers:
    """Return the number of the job of each span in view, or of each job foreseen there."""
    timeline = panel.timeline
    if timeline is None:
        return _jobs_foreseen(panel, window)
    if window is None:
        return timeline.spans.job
    return timeline.spans.job[window.shows(timeline)]


def _jobs_foreseen(panel: Panel, window: Window | None) -> Integers:
    jobs = np.arange(panel.spec.tasks)
    if window is None:
        return jobs
    best = ideal(panel.spec)
    inside = (np.array(best.start_ns) < window.end_ns) & (np.array(best.end_ns) > window.start_ns)
    if window.jobs is not None:
        inside &= (jobs >= window.jobs[0]) & (jobs <= window.jobs[1])
    return jobs[inside]
