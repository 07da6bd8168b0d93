"""The rows of a program's tasks in a chart: indented, with what is folded into them."""

from core.analysis.task_tree import Fold
from core.charts.chart import draw
from core.charts.lanes import LaneView
from core.charts.panel import panels_of
from tests.kit.task_tree import program


def test_the_chart_names_its_rows_at_the_left_edge() -> None:
    parts = draw(panels_of([program()], Fold()))
    axis = parts.layout["yaxis"]
    names = ["main +1", "\u2003a +1", "\u2003\u2003a.1", "\u2003b", "\u2003handler"]
    assert axis["ticktext"] == names
    assert not axis["showticklabels"]
    written = [note for note in parts.annotations if note.get("yref") == "y"]
    assert [note["text"] for note in written] == names
    assert {note["xshift"] for note in written} == {-parts.layout["margin"]["l"]}
    bars = next(trace for trace in parts.traces if trace["type"] == "bar" and "text" in trace)
    assert bars["y"].tolist() == [0, 1, 2, 3, 4]
    assert bars["base"] == [1, 3, 6, 5, 7]


def test_rows_of_workers_leave_nothing_out() -> None:
    parts = draw(panels_of([program()], Fold()), view=LaneView.WORKERS)
    assert parts.layout["yaxis"].get("showticklabels", True)
