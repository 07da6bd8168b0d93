from dataclasses import replace
from typing import Any

import pytest

from core.charts import ending
from core.charts.axis import TimeAxis
from core.charts.collected import Sheet
from core.charts.plot import Plot
from core.timeline.timeline import Timeline
from tests.core.handmade import MS, timeline

RUN = timeline(wall_ms=10)


def lines(
    run: Timeline | None, *, ink: str | None = None, start_ms: int | None = None
) -> list[dict[str, Any]]:
    start_ns = None if start_ms is None else start_ms * MS
    axis = TimeAxis(end_ns=20 * MS, start_ns=start_ns)
    plot = Plot(sheet=Sheet(ink=ink), axis=axis, x="x", y="y")
    ending.draw(plot, run)
    return plot.sheet.shapes


def test_dashes_stand_on_paper_where_the_pattern_returned() -> None:
    paper, dashes = lines(RUN)
    assert paper["x0"] == paper["x1"] == dashes["x0"] == dashes["x1"] == 10
    assert "dash" not in paper["line"]
    assert dashes["line"]["dash"] == "dash"


def test_a_run_without_an_end_in_view_has_no_line() -> None:
    assert lines(None) == lines(replace(RUN, finished=False)) == lines(RUN, start_ms=11) == []


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        (None, ending.ON_LIGHT_PAPER),
        ("#31333F", ending.ON_LIGHT_PAPER),
        ("#FAFAFA", ending.ON_DARK_PAPER),
    ],
)
def test_the_paper_is_the_other_of_the_ink(ink: str | None, paper: str) -> None:
    below, dashes = (line["line"]["color"] for line in lines(RUN, ink=ink))
    assert below == paper
    assert dashes == (ink or "#1A1A1A")
