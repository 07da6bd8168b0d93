"""The chart of runs too large for exact bars: each is reduced to what a screen can show of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.charts.axis import TimeAxis, Window
from core.charts.bins import Bins
from core.charts.captions import blocking_text, rare_text, scale_text, title_with, use_text
from core.charts.dense_lanes import lanes_section, parted, rare_events, rug
from core.charts.density import Detail, density
from core.charts.exact_lanes import LaneView
from core.charts.figure import Sheet
from core.charts.in_flight import flight, in_flight_sections
from core.charts.lane_set import items_of
from core.charts.layout import Group, Section, laid_out
from core.charts.loop import loop_sections
from core.charts.panel import Panel, of_jobs
from core.charts.startup_and_end import startup_shown_ns
from core.charts.strips import STRIPS, Strip
from core.charts.transcript import draw_transcript
from core.charts.wall_times import wall_times
from core.timeline.timeline import Timeline

TITLE_PX, LINE_PX, ABOVE_TITLE_PX = 26, 21, 54


def overview(
    panels: Sequence[Panel],
    *,
    view: LaneView = LaneView.JOBS,
    strips: Sequence[Strip] = (),
    ink: str | None = None,
    window: Window | None = None,
) -> Sheet:
    """Return the chart of large runs: exact sums over bins, and a mark for all that is rare.

    Without a window each run has a time axis of its own, and all wall times stand on one scale
    above them. Of the strips only the transcript is a matter of choice: the loop and the jobs in
    flight are shown in any case.
    """
    detail = Detail.of_each(len(panels))
    longest_ns = max(panel.end_ns for panel in panels)
    groups = [] if window else [wall_times(panels)]
    for panel in panels:
        run = _Run(panel=panel, view=view, detail=detail, window=window)
        groups.append(run.group(longest_ns, with_log=Strip.LOG in strips))
    return laid_out(groups, ink)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run of the chart, and how it is to be shown."""

    panel: Panel
    view: LaneView
    detail: Detail
    window: Window | None

    @property
    def _start_ns(self) -> int:
        return self.window.start_ns if self.window else 0

    @property
    def _end_ns(self) -> int:
        return self.window.end_ns if self.window else self.panel.end_ns

    def _bins(self, most: int) -> Bins:
        return Bins.over(self._start_ns, self._end_ns, most)

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

    def group(self, longest_ns: int, *, with_log: bool) -> Group:
        """Return all that is shown of the run, under its title."""
        axis = TimeAxis(
            start_ns=self.window.start_ns if self.window else None,
            end_ns=self._end_ns,
            before_ns=self._before_ns,
        )
        scale = scale_text(self._end_ns, longest_ns, self.window)
        sections, lines = self._sections()
        first, *others = sections
        if with_log and self.panel.timeline is not None:
            others.append(self._log())
        title = title_with(self.panel, [scale, *filter(None, lines)])
        return Group(
            sections=[_titled(first, title), *others],
            axis=axis,
        )

    @property
    def _before_ns(self) -> int:
        return 0 if self.window else startup_shown_ns(self.panel.timeline, self._end_ns)

    def _sections(self) -> tuple[list[Section], list[str]]:
        timeline, whole, detail = self._timeline, self.panel.timeline, self.detail
        columns = self._bins(detail.columns)
        bins = columns.coarser(detail.columns_a_bin)
        if timeline is None or whole is None:
            return in_flight_sections(flight(self.panel.spec, timeline, bins), whole), []
        items = items_of(timeline, self.view, self._jobs)
        dense = density(timeline, items, columns, detail.rows)
        jobs = flight(
            self.panel.spec,
            timeline,
            bins,
            dense.time_by_kind(detail.columns_a_bin) if items.have_all_spans else None,
        )
        found = in_flight_sections(jobs, whole)
        found += loop_sections(whole, bins)
        events = rare_events(timeline, items, bins)
        single, binned = parted(events, detail.marks)
        found.append(lanes_section(dense, items, single, detail))
        if binned:
            found.append(rug(binned, self._bins(detail.rug)))
        in_words = use_text(whole), blocking_text(whole)
        return found, [*in_words, rare_text(single, binned)]

    def _log(self) -> Section:
        timeline = self.panel.timeline
        return Section(
            height_px=STRIPS[Strip.LOG].height_px, draw=lambda plot: draw_transcript(plot, timeline)
        )


def _titled(section: Section, title: str) -> Section:
    lines = title.count("<br>")
    gap_px = ABOVE_TITLE_PX + TITLE_PX + LINE_PX * lines
    return Section(height_px=section.height_px, draw=section.draw, gap_px=gap_px, title=title)
