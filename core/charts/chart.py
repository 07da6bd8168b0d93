"""The one way to a chart: exact bars as long as a browser can paint them, else exact sums.

Up to `MAX_SPANS` spans in view have a bar each. More are reduced to what a screen can show of them:
integer differences at the edges of bins, summed up, give the time in each bin to the nanosecond, so
the picture conserves the time per state, and nothing loops over spans in Python. The two differ in
the lanes of a run and in the axis that these stand on; its title, its strips, its marks and the
layout are the same code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.analysis.processes import began_text
from core.analysis.side_by_side import details_texts
from core.charts.axis import TimeAxis, Window
from core.charts.dense_lanes import dense_lanes
from core.charts.density import Bins, Detail, Floats
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
from core.charts.layout import HALL_PX, HALL_TITLE_PX, Group, Section, as_text, laid_out
from core.charts.marks import (
    add_ends,
    draw_beginning,
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
    if view is LaneView.WORKERS:  # which do whatever there is, in a row or not
        panels = [replace(panel, rows=None) for panel in panels]
    detail = Detail.of_each(len(panels)) if is_large(panels, window) else None
    if window and detail is None:
        window = _narrowed(panels, window)
    return drawn(panels, detail, view=view, strips=strips, style=style, window=window)


def is_large(panels: Sequence[Panel], window: Window | None) -> bool:
    """Return whether what is in view has more spans, or more jobs, than can be drawn one by one."""
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
    made = 0 if panel.in_rows is None else len(panel.in_rows.jobs)
    return max(panel.foreseen, made)


def _narrowed(panels: Sequence[Panel], window: Window) -> Window:
    """Return the window with the jobs only that do something in it, from the first to the last."""
    # One range for all runs, so that a job stands in the same row of each.
    jobs = np.concatenate([_jobs_in_view(panel, window) for panel in panels])
    if not len(jobs):
        return window
    return replace(window, jobs=(int(jobs.min()), int(jobs.max())))


def _jobs_in_view(panel: Panel, window: Window | None) -> Integers:
    """Return the number of the job of each span in view, or of each job foreseen there."""
    timeline = panel.in_rows
    if timeline is None:
        return _jobs_foreseen(panel, window)
    if window is None:
        return timeline.spans.job
    return timeline.spans.job[window.of_run(panel.began_ns).shows(timeline)]


def _jobs_foreseen(panel: Panel, window: Window | None) -> Integers:
    jobs = np.arange(panel.foreseen)
    if window is None:
        return jobs
    best = panel.best
    if best is None:
        return jobs
    inside = (np.array(best.start_ns) < window.end_ns) & (np.array(best.end_ns) > window.start_ns)
    if window.jobs is not None:
        inside &= (jobs >= window.jobs[0]) & (jobs <= window.jobs[1])
    return jobs[inside]


def drawn(
    panels: Sequence[Panel],
    detail: Detail | None,
    *,
    view: LaneView = LaneView.JOBS,
    strips: Sequence[Strip] = (),
    style: Style = USUAL,
    window: Window | None = None,
) -> FigureParts:
    """Return the chart of some runs, whose lanes are sums in some detail; of None, exact bars.

    Exact bars stand on one time axis. So do sums in a window, and the processes of one program;
    otherwise each run has an axis of its own, and all wall times stand on one scale above them.
    """
    # Rows of workers have no place for a choice of jobs: the others would be gone without a sign.
    if window is not None and view is LaneView.WORKERS:
        window = replace(window, jobs=None)
    are_together = any(panel.began_ns for panel in panels)
    on_one_axis = detail is None or window is not None or style.is_projected or are_together
    if style.is_projected and len(panels) > FEW_IN_HALL:
        strips = ()
    shown = _Shown(
        panels=panels,
        view=view,
        strips=strips,
        style=style,
        window=window,
        shares_axis=detail is None or style.is_projected or are_together,
    )
    groups = [] if on_one_axis else [wall_times(panels)]
    details = details_texts([panel.program for panel in panels])
    groups += [
        shown.group(panel, as_text(text), detail)
        for panel, text in zip(panels, details, strict=True)
    ]
    return laid_out(groups, style, on_one_axis=on_one_axis)


FEW_IN_HALL, LOOPS_IN_HALL = 2, 3
"""Strips below so many runs can be read in a hall, which sees all runs at once; that of the event
loop, where lanes are sums, below a few more."""
MIN_HALL_RUN_PX, HALL_STRIP_PX = 16, 36
"""The least height of a run's bars there, and that of a strip with the space above it."""
MOST_IN_TREE, EM_SPACE = 24, "\u2003"
"""How many letters the name of a row has in a tree, and by what each level is indented."""
MIN_RUN_PX, MAX_RUN_PX, ALL_RUNS_PX = 60, 560, 960
"""How high the exact bars of one run are at least and at most, and those of all runs together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lanes:
    """The lanes of a run as they are drawn.

    `lines` are the run's numbers in words. `above` are the strips that are shown in any case: where
    lanes are sums, these say what a job's row would.
    """

    sections: Sequence[Section]
    lines: Sequence[str] = ()
    above: Sequence[Strip] = ()
    time_by_class: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What a chart shows of its runs."""

    panels: Sequence[Panel]
    view: LaneView
    strips: Sequence[Strip]
    style: Style
    window: Window | None
    shares_axis: bool

    def group(self, panel: Panel, uses: str, detail: Detail | None) -> Group:
        """Return all that is shown of a run, under its title and what it uses besides."""
        axis = self._axis(panel, self.panels if self.shares_axis else [panel])
        if detail is None:
            bins, timeline, lanes = None, panel.timeline, self._exact(panel)
        else:
            bins, timeline = _bins(axis, detail), _of_window(panel, self.window)
            in_rows = timeline if timeline is not panel.timeline else panel.in_rows
            lanes = self._dense(panel, in_rows, bins, detail)
        run = RunInView(
            panel=panel, timeline=timeline, bins=bins, time_by_class=lanes.time_by_class
        )
        below = [strip for strip in self.strips if strip not in lanes.above]
        first, *others = [
            *_strip_sections(lanes.above, run),
            *lanes.sections,
            *_strip_sections(below, run),
        ]
        began = began_text(panel.program, panel.began_ns)
        titled = replace(first, title=panel.heading(self.style, [uses, began, *lanes.lines]))
        return Group(sections=[titled, *others], axis=axis)

    def _axis(self, panel: Panel, panels: Sequence[Panel]) -> TimeAxis:
        """Return the time axis on which some of the runs stand, in the time of one of them."""
        origin_ns = panel.began_ns
        if self.window is not None and not self.window.shows_all_time:
            seen = self.window.of_run(origin_ns)
            return TimeAxis(start_ns=seen.start_ns, end_ns=seen.end_ns, origin_ns=origin_ns)
        end_ns = max(each.end_ns for each in panels)
        # A start-up is cut off by the length of the longest run, so the axis is as long for all.
        before_ns = max(startup_shown_ns(each.timeline, end_ns) for each in panels)
        return TimeAxis(end_ns=end_ns - origin_ns, before_ns=before_ns, origin_ns=origin_ns)

    def _exact(self, panel: Panel) -> _Lanes:
        count = len(self.panels)
        most_px = max(MIN_RUN_PX, min(MAX_RUN_PX, ALL_RUNS_PX / count))
        if self.style.is_projected:
            others_px = HALL_STRIP_PX * len(self.strips)
            fair_px = (HALL_PX - HALL_TITLE_PX * (count - 1)) / count - others_px
            most_px = max(MIN_HALL_RUN_PX, fair_px)
        return _Lanes(sections=[_exact_section(panel, self.view, self.window, most_px)])

    def _dense(self, panel: Panel, timeline: Timeline | None, bins: Bins, detail: Detail) -> _Lanes:
        longest_ns = max(each.end_ns for each in self.panels)
        # of processes on one axis none has a scale of its own
        has_scale = self.window is not None or not any(each.began_ns for each in self.panels)
        scale = scale_text(panel.end_ns, longest_ns, self.window) if has_scale else ""
        above = (Strip.FLIGHT, Strip.LOOP)
        if self.style.is_projected and len(self.panels) > 1:
            has_room = len(self.panels) <= LOOPS_IN_HALL
            return _Lanes(sections=[], above=above if has_room else (Strip.FLIGHT,))
        if panel.timeline is None or timeline is None:
            return _Lanes(sections=[], lines=[scale], above=above)
        jobs = _first_and_last_job(panel, self.window)
        lanes = dense_lanes(timeline, self.view, jobs, bins, detail)
        whole = panel.timeline
        has_all = len(timeline.jobs) == len(whole.jobs) or (self.window and self.window.jobs)
        return _Lanes(
            sections=lanes.sections(),
            lines=[scale, use_text(whole), blocking_text(whole), lanes.events_text],
            above=above,
            time_by_class=lanes.time_by_class if has_all else None,
        )


def _strip_sections(strips: Sequence[Strip], run: RunInView) -> list[Section]:
    return [section for strip in strips for section in STRIPS[strip](run)]


def _exact_section(panel: Panel, view: LaneView, window: Window | None, most_px: float) -> Section:
    lanes = _lanes(panel, view, window.of_run(panel.began_ns) if window else None)
    height_px = min(most_px, max(MIN_RUN_PX, USUAL_LANE_PX * len(lanes.names)))

    def draw_lanes(plot: Plot) -> None:
        timeline = panel.in_rows
        # Plotly paints bars first and scatter traces upon them, each kind in this order: so signs
        # lie upon the end line, and a guess upon all.
        draw_startup(plot, timeline)
        if view is LaneView.JOBS:
            if panel.best is not None:
                add_outline(plot, panel.best, lanes.numbers)
            plot.note_jobs(lanes.numbers)
        bottom = max(len(lanes.names), 1) - 0.5
        draw_beginning(plot, timeline, -0.5, bottom)
        if timeline is not None:
            add_bars(plot, timeline, lanes, plot.height_px / max(1, len(lanes.names)))
        draw_end(plot, timeline, -0.5, bottom)
        if timeline is not None and view is LaneView.JOBS:
            add_ends(plot, timeline, lanes.numbers)
        draw_guess(plot, panel.guess_ns, -0.5, bottom)
        name_rows(plot, lanes.names, is_tree=panel.rows is not None and view is LaneView.JOBS)

    return Section(height_px=height_px, draw=draw_lanes)


def _lanes(panel: Panel, view: LaneView, window: Window | None) -> Lanes:
    timeline, rows = panel.in_rows, panel.rows
    numbers = jobs_in_view(panel.foreseen, timeline, window)
    if view is LaneView.JOBS:
        lanes = job_lanes(numbers, timeline, window)
        if rows is None:
            return lanes
        names = (rows.label(row, MOST_IN_TREE, EM_SPACE) for row in lanes.numbers)
        return replace(lanes, names=tuple(names))
    return (
        job_lanes(numbers[:0], None)
        if timeline is None
        else worker_lanes(numbers, timeline, window)
    )


def _bins(axis: TimeAxis, detail: Detail) -> Bins:
    """Return the bins of the curves, each as wide as some columns of the picture of the lanes."""
    # Made of whole columns, so that curves stand exactly above what they sum up.
    columns = Bins.over(axis.first_ns, axis.end_ns, detail.columns)
    return columns.coarser(detail.columns_a_bin)


def _first_and_last_job(panel: Panel, window: Window | None) -> tuple[int, int]:
    """Return the first and the last job in view; of a run that has ended none it never made."""
    timeline = panel.in_rows
    last = panel.foreseen - 1
    if timeline is not None:
        made = int(timeline.jobs.number.max(initial=0))
        last = made if timeline.finished else max(last, made)
    first, until = (window and window.jobs) or (0, last)
    return min(first, last), min(until, last)


def _of_window(panel: Panel, window: Window | None) -> Timeline | None:
    """Return a run with the jobs of a window only; with all, in a row or not, if it is on none."""
    if panel.in_rows is None or window is None or window.jobs is None:
        return panel.timeline
    return of_jobs(panel.in_rows, *window.jobs)
