"""The runs of a chart: settings, timeline, what their titles say, wall times on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.analysis.figures import Headline
from core.analysis.metrics import loop_busy_ns, peak_in_flight
from core.analysis.processes import began_ns
from core.analysis.side_by_side import short_names
from core.analysis.summary import compared_text
from core.analysis.task_tree import ALL, Fold, TaskRows, task_rows
from core.charts.axis import TimeAxis, Window
from core.charts.density import Bins, Floats
from core.charts.figure import GUESS_RANK, GUESSED, IDEAL_RANK, QUIET, Plot, Style
from core.charts.layout import Group, Section, as_text
from core.spec.ideal import Schedule, ideal_of
from core.spec.run_spec import Program, RunSpec
from core.text.language import NS_PER_S, _, duration_text, ngettext, number_text
from core.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One run of a chart: measured, on its way, or only foreseen (`timeline` is None).

    `title` is one line, and may hold Plotly's own HTML. `guess_ns` is how long somebody thought
    that it would take. `began_ns` is how long after the first process of its program a child
    process began: on one axis it stands so much later. `rows` are the tasks that have a row, where
    these are not all jobs in their order.
    """

    program: Program
    title: str
    timeline: Timeline | None = None
    guess_ns: int | None = None
    began_ns: int = 0
    rows: TaskRows | None = None

    @property
    def in_rows(self) -> Timeline | None:
        """The run with the jobs that have a row, numbered by it."""
        return self.timeline if self.rows is None else self.rows.timeline

    @property
    def best(self) -> Schedule | None:
        """The ideal schedule; None for somebody's own program, and a pattern without one."""
        return ideal_of(self.program)

    @property
    def foreseen(self) -> int:
        """How many jobs the settings foresee; of somebody's own program, those that have a row."""
        if isinstance(self.program, RunSpec):
            return self.program.tasks
        return 0 if self.in_rows is None else int(self.in_rows.jobs.number.max(initial=-1)) + 1

    @property
    def end_ns(self) -> int:
        """The last moment that the chart must show."""
        measured_ns = self.timeline.end_ns if self.timeline else 0
        best_ns = self.best.wall_ns if self.best else 0
        if not best_ns and self.timeline is None and isinstance(self.program, RunSpec):
            # An axis needs a length. What the run takes at most would dwarf the others' ideals.
            best_ns = round(self.program.sleep_s * NS_PER_S)
        return self.began_ns + max(best_ns, measured_ns, self.guess_ns or 0)

    def heading(self, style: Style, lines: Sequence[str] = ()) -> str:
        """Return the title with lines of small text below it; empty ones are left out.

        All are Plotly's own HTML.
        """
        return self.title + "".join(map(style.small, filter(None, lines)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInView:
    """One run of a chart as its strips draw it.

    Attributes:
        panel: The run.
        timeline: What of it is in view: some jobs only, if a window is on some; None if it has not
            begun.
        bins: Those over which a large run is summed up; None for one whose spans are drawn exactly.
        time_by_class: How long its jobs were in each class of spans, by class and bin, where that
            is known already.
    """

    panel: Panel
    timeline: Timeline | None
    bins: Bins | None = None
    time_by_class: Floats | None = None


def panels_of(timelines: Sequence[Timeline], fold: Fold = ALL) -> list[Panel]:
    """Return the panels of finished runs; speed-ups count against the first.

    `fold` is what is not shown of the tasks of somebody's own programs.
    """
    return [
        Panel(
            program=each.program,
            title=title(each.program, each, timelines[0] if place else None),
            timeline=each,
            began_ns=began,
            rows=task_rows(each, fold),
        )
        for place, (each, began) in enumerate(zip(timelines, began_ns(timelines), strict=True))
    ]


def title(
    program: Program,
    timeline: Timeline | None = None,
    baseline: Timeline | None = None,
    *,
    ended_early: bool = False,
) -> str:
    """Return a run's headline as Plotly's own HTML: names and numbers, no text of a run."""
    headline = Headline(
        program=program, timeline=timeline, baseline=baseline, ended_early=ended_early
    )
    return headline.text(name=as_text(program.name), emphasised="<b>{}</b>".format)


def scale_text(end_ns: int, longest_ns: int, window: Window | None) -> str:
    """Return what a run's time axis shows: a window, or all of the run, and how much larger."""
    if window is not None and not window.shows_all_time:
        return _("from {start} to {end}").format(
            start=duration_text(window.start_ns), end=duration_text(window.end_ns)
        )
    # A run of no length has a scale of its own all the same.
    factor = longest_ns / max(1, end_ns)
    length = duration_text(end_ns)
    # A twentieth is less than a reader sees.
    if factor < 1.05:
        return _("own time scale: {length}").format(length=length)
    shown = f"{factor:.2g}" if factor < 99.5 else f"{factor:,.0f}"
    return _("own time scale: {length}, zoomed {factor}×").format(length=length, factor=shown)


def use_text(timeline: Timeline) -> str:
    """Return how busy the loop of a run was, and how many of its jobs were in flight."""
    parts = []
    # Loops in several threads are busy at once: of their sum a share of the time says nothing.
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


def of_jobs(timeline: Timeline, first: int, last: int) -> Timeline:
    """Return the same run with the jobs from one number to another only, and their spans."""
    jobs, spans = timeline.jobs, timeline.spans
    chosen = np.flatnonzero((jobs.number >= first) & (jobs.number <= last))
    mask = (spans.job >= first) & (spans.job <= last)
    return replace(timeline, jobs=jobs.where(chosen), spans=spans.where(mask))


# Two lines of text, a bar and a triangle below one another.
ROW_PX, TITLE_PX, TEXT_PX = 78, 34, 13
BAR = 0.22
BELOW_BAR = 0.19
"""The height of a bar, and how far below its middle its ideal stands, as shares of a row."""


def wall_times(panels: Sequence[Panel]) -> Group:
    """Return the bars of the wall times."""
    end_ns = max(panel.end_ns for panel in panels)
    axis = TimeAxis(end_ns=end_ns)
    # What else a run uses stands in its own title below: narrow screens have no room for it here.
    names = short_names([panel.program for panel in panels])

    def draw(plot: Plot) -> None:
        _add_bars(plot, panels)
        _add_ideals(plot, panels)
        _add_guesses(plot, panels)
        for row, (panel, name) in enumerate(zip(panels, names, strict=True)):
            _add_text(plot, row, wall_text(panel, panels[0].timeline, name))
        # The texts stand above the first bar, so there is more room above it than below the last.
        plot.update_y(range=[len(panels) - 0.65, -0.85], showticklabels=False, showgrid=False)

    heading = _("Wall times on one scale")
    section = Section(
        height_px=ROW_PX * len(panels),
        gap_px=TITLE_PX,
        draw=draw,
        title=f"<b>{heading}</b>",
    )
    return Group(sections=[section], axis=axis)


def _measured_ns(panel: Panel) -> int:
    return panel.timeline.wall_ns if panel.timeline else 0


def _add_bars(plot: Plot, panels: Sequence[Panel]) -> None:
    plot.add(
        {
            "type": "bar",
            "orientation": "h",
            "base": [0] * len(panels),
            "x": [_measured_ns(panel) / plot.axis.unit_ns for panel in panels],
            "y": list(range(len(panels))),
            "name": _("wall time"),
            "width": BAR,
            "marker": {"color": QUIET},
            "showlegend": False,
            # Its text stands above it, and would be said twice.
            "hoverinfo": "skip",
        }
    )


def _add_ideals(plot: Plot, panels: Sequence[Panel]) -> None:
    placed = [(row, panel.best.wall_ns) for row, panel in enumerate(panels) if panel.best]
    if not placed:
        return
    rows, bests = zip(*placed, strict=True)
    plot.add(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [best / plot.axis.unit_ns for best in bests],
            "y": [row + BELOW_BAR for row in rows],
            "marker": {
                "symbol": "triangle-up",
                "size": plot.style.mark_px(9),
                "color": plot.style.ideal_line,
            },
            "customdata": [duration_text(best) for best in bests],
            "hovertemplate": _("ideal: {time}").format(time="%{customdata}") + "<extra></extra>",
        }
        | plot.in_legend(_("ideal wall time"), IDEAL_RANK)
    )


def _add_guesses(plot: Plot, panels: Sequence[Panel]) -> None:
    guesses = [(row, panel.guess_ns) for row, panel in enumerate(panels) if panel.guess_ns]
    if not guesses:
        return
    rows, times_ns = zip(*guesses, strict=True)
    plot.add(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [time_ns / plot.axis.unit_ns for time_ns in times_ns],
            "y": list(rows),
            "marker": {"symbol": "star", "size": plot.style.mark_px(13), "color": GUESSED},
            "customdata": [duration_text(time_ns) for time_ns in times_ns],
            "hovertemplate": _("your guess") + ": %{customdata}<extra></extra>",
        }
        | plot.in_legend(_("your guess"), GUESS_RANK)
    )


def _add_text(plot: Plot, row: int, text: str) -> None:
    plot.note(
        text=text,
        x=0,
        xanchor="left",
        y=row - BAR / 2 - 0.05,
        yanchor="bottom",
        align="left",
        font={"size": plot.style.text_px(TEXT_PX)},
    )


def wall_text(panel: Panel, baseline: Timeline | None, name: str) -> str:
    """Return what stands above the bar of a run that is called so, as Plotly's own HTML."""
    name = as_text(name)
    timeline = panel.timeline
    best = ""
    if panel.best is not None:
        best = _("ideally {ideal}").format(ideal=duration_text(panel.best.wall_ns))
    if timeline is None:
        return f"{name}<br>{best}"
    wall = f"<b>{duration_text(timeline.wall_ns)}</b>"
    if not timeline.finished:
        return f"{name}<br>" + _("{wall} so far").format(wall=wall)
    first = f"{name} · {_rate(timeline)}"
    compared = compared_text(timeline, None if timeline is baseline else baseline)
    return first + "<br>" + " · ".join(filter(None, [wall, compared, best]))


def _rate(timeline: Timeline) -> str:
    rate = len(timeline.jobs) * NS_PER_S / max(1, timeline.wall_ns)
    return _("{rate} jobs/s").format(rate=number_text(rate, ",.0f" if rate >= 10 else ".2g"))
