import html
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from benchmarks.hostility import MALICE
from core.analysis.span_classes import BLOCKING, COLOURS
from core.charts.axis import TimeAxis
from core.charts.figure import QUIET
from core.charts.strips import CELLS, LINES_SHOWN, STRIPS, Strip
from core.recording.recorder import LogLine
from core.text.legible import legible
from core.timeline.timeline import Timeline
from tests.core.charts.figures import legend, strip_of
from tests.kit.handmade import MS, timeline

WARNING = "WARNING:asyncio:Executing <Handle f()> took 0.200 seconds"


def strip(*lines: tuple[float, str], wall_ms: int = 150) -> go.Figure:
    log = tuple(LogLine(at_ns=round(at_ms * MS), text=text) for at_ms, text in lines)
    return strip_of(Strip.LOG, replace(timeline(wall_ms=wall_ms), log=log))


def marks(figure: go.Figure, colour: str) -> dict[float, str]:
    """Return the marks of a colour: where each stands, and what a pointer over it reads."""
    (trace,) = [trace for trace in figure.data if trace.marker.color == colour]
    return dict(zip(np.asarray(trace.x).tolist(), trace.customdata, strict=True))


def test_each_line_has_a_mark_at_its_moment() -> None:
    figure = strip((10, "one"), (20, "two"))
    assert marks(figure, QUIET) == {10: "10.0 ms  one", 20: "20.0 ms  two"}
    assert figure.layout.yaxis.ticktext == ("transcript",)


def test_a_warning_of_asyncios_has_a_mark_of_its_own() -> None:
    found = marks(strip((10, "one"), (20, WARNING)), COLOURS[BLOCKING])
    assert list(found) == [20]
    assert legend(strip((10, "one"), (20, WARNING))) == ["printed", "warning of asyncio"]
    assert "Executing &lt;Handle f()&gt; took 0.200 seconds" in found[20]


@pytest.mark.parametrize("text", [text for text in MALICE if text])
def test_a_line_that_means_something_to_a_browser_is_shown_as_it_is(text: str) -> None:
    assert marks(strip((10, text)), QUIET) == {
        10: f"10.0 ms  {html.escape(legible(text), quote=False)}"
    }


def test_lines_too_close_to_tell_apart_share_a_mark_and_are_counted() -> None:
    figure = strip(*((50 + number / 1_000, f"line {number}") for number in range(10)))
    (text,) = marks(figure, QUIET).values()
    assert len(text.split("<br>")) == LINES_SHOWN + 1
    assert text.endswith(f"… and {10 - LINES_SHOWN} more lines")


def test_there_are_never_more_marks_than_can_be_drawn() -> None:
    figure = strip(*((number / 100, "x") for number in range(15_000)))
    assert sum(len(trace.x) for trace in figure.data) <= CELLS + 1


def test_what_was_printed_outside_of_the_axis_is_left_to_the_transcript() -> None:
    assert list(marks(strip((-1, "before"), (150, "last"), (151, "after")), QUIET)) == [150]


def test_a_long_line_is_shortened() -> None:
    (text,) = marks(strip((1, "x" * 500)), QUIET).values()
    assert text.endswith("x…")
    assert len(text) < 120


def test_in_a_window_marks_are_told_apart_that_share_one_in_the_whole_chart() -> None:
    log = (LogLine(at_ns=50 * MS, text="one"), LogLine(at_ns=50 * MS + 100, text="two"))
    axis = TimeAxis(start_ns=50 * MS, end_ns=50 * MS + 1_000)
    figure = strip_of(Strip.LOG, replace(timeline(wall_ms=150), log=log), axis)
    assert list(marks(figure, QUIET).values()) == ["50.0 ms  one", "50.0 ms  two"]


def test_every_strip_has_its_sections() -> None:
    assert set(STRIPS) == set(Strip)


@pytest.mark.parametrize("which", Strip)
@pytest.mark.parametrize("run", [None, timeline(wall_ms=0), timeline(wall_ms=5)])
def test_a_strip_of_nothing_still_names_itself(which: Strip, run: Timeline | None) -> None:
    (label,) = strip_of(which, run).layout.yaxis.ticktext
    assert label
