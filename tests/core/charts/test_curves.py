import numpy as np

from core.charts.axis import TimeAxis
from core.charts.bins import Bins
from core.charts.collected import Sheet
from core.charts.curves import add_hover, add_stack, held
from core.charts.kinds import BLOCKING
from core.charts.plot import Plot
from core.timeline.timeline import State
from tests.core.handmade import MS

BINS = Bins.over(10 * MS, 40 * MS, 3)
VALUES = np.array([1.0, 2.0, 4.0])


def area() -> Plot:
    axis = TimeAxis(start_ns=10 * MS, end_ns=40 * MS)
    return Plot(sheet=Sheet(), axis=axis, x="x2", y="y3")


def test_a_value_holds_over_the_whole_of_its_bin() -> None:
    line = held(area(), BINS, VALUES)
    assert (line["x0"], line["dx"], line["y"].tolist()) == (10, 10, [1, 2, 4, 4])


def test_kinds_are_stacked_in_the_order_given_and_named_once() -> None:
    where = area()
    add_stack(where, BINS, {int(State.RUNNING): VALUES, BLOCKING: VALUES})
    add_stack(where, BINS, {BLOCKING: VALUES})
    names = [(trace["name"], trace["showlegend"]) for trace in where.sheet.traces]
    assert names == [("running", True), ("blocking", True), ("blocking", False)]
    assert {(trace["xaxis"], trace["yaxis"]) for trace in where.sheet.traces} == {("x2", "y3")}


def test_a_pointer_reads_all_numbers_of_a_bin_at_any_height_of_it() -> None:
    where = area()
    add_hover(where, BINS, 6.0, numbers=[VALUES, VALUES * 10], template="%{customdata[1]}")
    (trace,) = where.sheet.traces
    assert trace["customdata"].tolist() == [[[1, 10], [2, 20], [4, 40]]]
    assert (trace["x0"], trace["dx"], trace["z"].shape) == (15, 10, (1, 3))
    assert (trace["y0"] - trace["dy"] / 2, trace["y0"] + trace["dy"] / 2) == (0, 6)
    assert trace["hovertemplate"] == "%{customdata[1]}<extra></extra>"
