"""The figures of a run: what each number on the page is, and the row or table that shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.analysis.metrics import (
    LEAST_DISTURBED_SHARE,
    cores_used,
    cpu_share,
    did_all,
    is_disturbed,
    peak_in_flight,
    speed_up,
    worst_lateness_ns,
)
from core.analysis.summary import run_name
from core.spec.ideal import ideal
from core.text.language import _
from core.text.numbers import duration_text, number_text
from core.timeline.timeline import Timeline
from pages.components.plain import plain

NOTHING = "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """A number about a run, as the page shows it."""

    name: str
    text: str
    meaning: str


def show(timelines: Sequence[Timeline]) -> None:
    """Show the figures of one run side by side, of several in a table with speed-ups."""
    if len(timelines) == 1:
        with st.container(horizontal=True, gap="medium"):
            for figure in _figures(timelines[0]):
                st.metric(figure.name, figure.text, help=figure.meaning, width="content")
        return
    frame = figures_frame(timelines)
    st.table(frame)
    with st.popover(_("What the figures mean"), type="tertiary"):
        meanings = {figure.name: figure.meaning for figure in _all_figures(timelines[0], timelines)}
        st.markdown("\n".join(f"- {name}: {meanings[name]}" for name in frame.columns))


def figures_frame(timelines: Sequence[Timeline]) -> pd.DataFrame:
    """Return the figures of several runs, one row each; columns that say nothing are left out."""
    rows = {
        plain(run_name(each.spec)): {
            figure.name: figure.text for figure in _all_figures(each, timelines)
        }
        for each in timelines
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.loc[:, (frame != NOTHING).any()]


def _all_figures(timeline: Timeline, timelines: Sequence[Timeline]) -> list[_Figure]:
    return [
        *_figures(timeline),
        *_of_workers(timeline),
        _disturbance(timeline),
        _speed_up(timeline, timelines[0]),
    ]


def _figures(timeline: Timeline) -> list[_Figure]:
    best_ns = ideal(timeline.spec).wall_ns
    overhead_ns = timeline.wall_ns - best_ns
    share = f" ({_signed_percent(overhead_ns / best_ns)})" if best_ns else ""
    is_timed = timeline.spec.job.is_timed
    has_overhead = is_timed and did_all(timeline)
    late_ns = worst_lateness_ns(timeline) if timeline.spec.executor is None else 0
    return [
        _Figure(
            name=_("wall time"),
            text=duration_text(timeline.wall_ns),
            meaning=_("From the start of the pattern until it returned."),
        ),
        _Figure(
            name=_("ideal"),
            text=duration_text(best_ns) if is_timed else NOTHING,
            meaning=_("What the settings predict if only the jobs took time."),
        ),
        _Figure(
            name=_("overhead"),
            text=f"{duration_text(overhead_ns)}{share}" if has_overhead else NOTHING,
            meaning=_("Wall time less the ideal: what the loop, the pools and the machine added."),
        ),
        _Figure(
            name=_("worst lateness"),
            text=duration_text(late_ns) if late_ns else NOTHING,
            meaning=_("The longest time that a job was ready before the event loop came to it."),
        ),
        _Figure(
            name=_("jobs at once"),
            text=number_text(peak_in_flight(timeline)),
            meaning=_("How many jobs at most were begun and not yet ended at one moment."),
        ),
        _Figure(
            name=_("recording cost"),
            text=f"≈ {duration_text(timeline.recording_ns)}",
            meaning=_("The number of events times the cost of one, measured on this machine."),
        ),
    ]


def _signed_percent(share: float) -> str:
    return number_text(share, "+.1%").replace("-", "−")  # noqa: RUF001 - as in `duration_text`


def _of_workers(timeline: Timeline) -> list[_Figure]:
    share = cpu_share(timeline)
    calculates = timeline.spec.job.uses_cpu
    has_pool = timeline.spec.executor is not None
    has_cost = has_pool and timeline.spec.job.is_timed and did_all(timeline)
    cost_ns = (timeline.wall_ns - ideal(timeline.spec).wall_ns) / timeline.spec.tasks
    return [
        _Figure(
            name=_("cores used"),
            text=number_text(cores_used(timeline), ".2f") if calculates else NOTHING,
            meaning=_("How many processors were busy on average, over the wall time."),
        ),
        _Figure(
            name=_("CPU share"),
            text=number_text(share, ".0%") if calculates and share is not None else NOTHING,
            meaning=_("Which share of the time that jobs worked they had a processor."),
        ),
        _Figure(
            name=_("start-up"),
            text=duration_text(timeline.startup_ns) if timeline.startup_ns else NOTHING,
            meaning=_("How long the pool took to open, before the clock started."),
        ),
        _Figure(
            name=_("overhead per job"),
            text=duration_text(cost_ns) if has_cost and cost_ns > 0 else NOTHING,
            meaning=_("The overhead, divided by the number of jobs."),
        ),
    ]


def _disturbance(timeline: Timeline) -> _Figure:
    return _Figure(
        name=_("disturbed"),
        text=duration_text(timeline.disturbed_ns) if is_disturbed(timeline) else NOTHING,
        meaning=_(
            "How long threads of the run waited for a processor, in sum, while the machine had "
            "other work. From {share} of the wall time on the run is not compared."
        ).format(share=number_text(LEAST_DISTURBED_SHARE, ".0%")),
    )


def _speed_up(timeline: Timeline, baseline: Timeline) -> _Figure:
    factor = speed_up(timeline, baseline)
    return _Figure(
        name=_("speed-up"),
        text=NOTHING if factor is None else _times(factor),
        meaning=_("Wall time of the first run divided by this one's."),
    )


def _times(factor: float) -> str:
    shown = number_text(factor, ".3g" if factor < 999.5 else ",.0f")
    return f"{shown}×"  # noqa: RUF001
