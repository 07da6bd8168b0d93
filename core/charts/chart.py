"""The one way to a chart: exact bars as long as a browser can paint them, else exact sums.

Up to `MAX_SPANS` spans in view have a bar each. More are reduced to what a screen can show of them:
integer differences at the edges of bins, summed up, give the time in each bin to the nanosecond, so
the picture conserves the time per state, and nothing loops over spans in Python. The two differ in
the lanes of a run; its title, its strips, its marks and the layout are the same code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.charts.axis import TimeAxis, Window
from core.charts.dense_lanes import DenseLanes, dense_lanes
from core.charts.density import Bins, Detail
from core.charts.figure import USUAL, FigureParts, Plot, Style
from core.charts.lanes import (
    MAX_SPANS,
    USUAL_LANE_PX,
    Lanes,
    LaneView,
    add_bars,
    add_outline,
    job_lanes,
    jobs_in_view,
    name_rows,
    worker_lanes,
)
from core.charts.layout import DENSE, EXACT, Group, Section, laid_out
from core.charts.marks import (
    add_ends,
    draw_end,
    draw_guess,
    draw_startup,
    startup_shown_ns,
)
from core.charts.panel import (
    Panel,
    RunInView,
    blocking_text,
    of_jobs,
    scale_text,
    use_text,
    wall_times,
)
from core.charts.strips import STRIPS, Strip
from core.spec.ideal import ideal
from core.timeline.timeline import Integers, Timeline


def draw(
    panels: Sequence[Panel],
    *,
    view: LaneView = LaneView.JOBS,
    strips: Sequence[Strip] = (),
    style: Style = USUAL,
    window: Window | None = None,
) -> FigureParts:
    """Return the parts of the chart of one or more runs.

    Exact bars of a window show the jobs that do something in it, and no rows for the others.

    Args:
        panels: The runs, from top to bottom; at least one.
        view: One row a job, or one row for each worker and the loop.
        strips: What else to show below each run, on the same axis.
        style: How the figure looks.
        window: The stretch of time and of jobs to show, the same of each run; None shows all.
    """
    if is_large(panels, window):
        return dense(panels, view=view, strips=strips, style=style, window=window)
    near = window and _narrowed(panels, window)
    return exact(panels, view=view, strips=strips, style=style, window=near)


def is_large(panels: Sequence[Panel], window: Window | None) -> bool:
    """Tell whether what is in view has more spans, or more jobs, than can be drawn one by one."""
    # Jobs count too, not only their spans: a job that does nothing in view has a row all the same.
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


MIN_RUN_PX, MAX_RUN_PX, ALL_RUNS_PX = 60, 560, 960


def exact(
    panels: Sequence[Panel],
    *,
    view: LaneView = LaneView.JOBS,
    strips: Sequence[Strip] = (),
    style: Style = USUAL,
    window: Window | None = None,
) -> FigureParts:
    """Return the chart of runs on one time axis: all jobs in view of each, to the nanosecond."""
    if window is not None and view is LaneView.WORKERS:
        window = replace(window, jobs=None)
    axis = _shared_axis(panels, window)
    most_px = min(MAX_RUN_PX, ALL_RUNS_PX / len(panels))
    groups = []
    for panel in panels:
        lanes = _exact_section(panel, view, window, most_px, title=panel.heading(style))
        run = RunInView(panel=panel, timeline=panel.timeline)
        groups.append(Group(sections=[lanes, *_strip_sections(strips, run)], axis=axis))
    return laid_out(groups, EXACT, style)


def _strip_sections(strips: Sequence[Strip], run: RunInView) -> list[Section]:
    return [section for strip in strips for section in STRIPS[strip](run)]


def _shared_axis(panels: Sequence[Panel], window: Window | None) -> TimeAxis:
    if window is not None:
        return TimeAxis(start_ns=window.start_ns, end_ns=window.end_ns)
    end_ns = max(panel.end_ns for panel in panels)
    # A start-up is cut off by the length of the longest run, so the axis is as long for all.
    before_ns = max(startup_shown_ns(panel.timeline, end_ns) for panel in panels)
    return TimeAxis(end_ns=end_ns, before_ns=before_ns)


def _exact_section(
    panel: Panel, view: LaneView, window: Window | None, most_px: float, title: str
) -> Section:
    lanes = _lanes(panel, view, window)
    height_px = max(MIN_RUN_PX, min(most_px, USUAL_LANE_PX * len(lanes.names)))

    def draw_lanes(plot: Plot) -> None:
        timeline = panel.timeline
        draw_startup(plot, timeline)
        if view is LaneView.JOBS:
            add_outline(plot, ideal(panel.spec), lanes.numbers)
            plot.note_jobs(lanes.numbers)
        if timeline is not None:
            add_bars(plot, timeline, lanes, height_px / max(1, len(lanes.names)))
        if timeline is not None and view is LaneView.JOBS:
            add_ends(plot, timeline, lanes.numbers)
        draw_end(plot, timeline)
        draw_guess(plot, panel.guess_ns, -0.5, max(len(lanes.names), 1) - 0.5)
        name_rows(plot, lanes.names, height_px)

    return Section(height_px=height_px, draw=draw_lanes, title=title)


def _lanes(panel: Panel, view: LaneView, window: Window | None) -> Lanes:
    timeline = panel.timeline
    numbers = jobs_in_view(panel.spec.tasks, timeline, window)
    if view is LaneView.JOBS:
        return job_lanes(numbers, timeline, window)
    return (
        job_lanes(numbers[:0], None)
        if timeline is None
        else worker_lanes(numbers, timeline, window)
    )


def dense(
    panels: Sequence[Panel],
    *,
    view: LaneView = LaneView.JOBS,
    strips: Sequence[Strip] = (),
    style: Style = USUAL,
    window: Window | None = None,
) -> FigureParts:
    """Return the chart of large runs: exact sums over bins, and a mark for all that is rare.

    Without a window each run has a time axis of its own, and all wall times stand on one scale
    above them. Of the strips only the transcript is a matter of choice: the loop and the jobs in
    flight are shown in any case.
    """
    detail = Detail.of_each(len(panels))
    longest_ns = max(panel.end_ns for panel in panels)
    groups = [] if window else [wall_times(panels)]
    for panel in panels:
        run = _DenseRun(panel=panel, view=view, detail=detail, window=window)
        groups.append(run.group(longest_ns, style, with_log=Strip.LOG in strips))
    return laid_out(groups, DENSE, style)


@dataclass(frozen=True, slots=True, kw_only=True)
class _DenseRun:
    """One run of a dense chart, and how it is to be shown."""

    panel: Panel
    view: LaneView
    detail: Detail
    window: Window | None

    def group(self, longest_ns: int, style: Style, *, with_log: bool) -> Group:
        """Return all that is shown of the run, under its title."""
        timeline, bins = self._timeline, self._bins
        lanes = None
        if timeline is not None:
            lanes = dense_lanes(timeline, self.view, self._jobs, bins, self.detail)
        run = RunInView(
            panel=self.panel,
            timeline=timeline,
            bins=bins,
            time_by_class=lanes.time_by_class if lanes else None,
        )
        first, *others = _strip_sections([Strip.FLIGHT, Strip.LOOP], run)
        title = self.panel.heading(style, self._lines(longest_ns, lanes))
        return Group(
            sections=[
                replace(first, title=title),
                *others,
                *(lanes.sections() if lanes else []),
                *_strip_sections([Strip.LOG] if with_log else [], run),
            ],
            axis=self._axis,
        )

    def _lines(self, longest_ns: int, lanes: DenseLanes | None) -> list[str]:
        """Return the lines below the title: the time scale, and the run's numbers in words."""
        scale, whole = scale_text(self._end_ns, longest_ns, self.window), self.panel.timeline
        if whole is None or lanes is None:
            return [scale]
        return [scale, use_text(whole), blocking_text(whole), lanes.events_text]

    @property
    def _axis(self) -> TimeAxis:
        before_ns = 0 if self.window else startup_shown_ns(self.panel.timeline, self._end_ns)
        start_ns = self.window.start_ns if self.window else None
        return TimeAxis(start_ns=start_ns, end_ns=self._end_ns, before_ns=before_ns)

    @property
    def _end_ns(self) -> int:
        return self.window.end_ns if self.window else self.panel.end_ns

    @property
    def _bins(self) -> Bins:
        """The bins of the curves, each as wide as some columns of the picture of the lanes."""
        start_ns = self.window.start_ns if self.window else 0
        # Made of whole columns, so that curves stand exactly above what they sum up.
        columns = Bins.over(start_ns, self._end_ns, self.detail.columns)
        return columns.coarser(self.detail.columns_a_bin)

    @property
    def _jobs(self) -> tuple[int, int]:
        """The first and the last job in view; of a run that has ended none that it never made."""
        timeline = self.panel.timeline
        last = self.panel.spec.tasks - 1
        if timeline is not None:
            made = int(timeline.jobs.number.max(initial=0))
            last = made if timeline.finished else max(last, made)
        first, until = (self.window and self.window.jobs) or (0, last)
        return min(first, last), min(until, last)

    @property
    def _timeline(self) -> Timeline | None:
        """The run, with the jobs in view only."""
        timeline = self.panel.timeline
        if timeline is None or self.window is None or self.window.jobs is None:
            return timeline
        return of_jobs(timeline, *self.window.jobs)
