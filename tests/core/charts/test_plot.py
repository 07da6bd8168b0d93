from core.charts.axis import TimeAxis
from core.charts.boxes import Place
from core.charts.collected import Sheet
from core.charts.plot import Plot
from core.text.numbers import NS_PER_MS
from tests.core.handmade import MS


def fresh() -> Plot:
    return Plot(sheet=Sheet(), axis=TimeAxis(end_ns=5 * MS), x="x", y="y2")


def test_what_is_drawn_stands_at_the_axes_of_the_plot() -> None:
    plot = fresh()
    plot.add({"type": "bar"})
    plot.shape(type="line", x0=1, x1=1)
    plot.note(text="at a value", x=1, y=2)
    plot.note_at_share(text="in the middle", x=1, y=0.5)
    plot.image(source="a picture")
    (trace,), (line,), (image,) = plot.sheet.traces, plot.sheet.shapes, plot.sheet.images
    assert (trace["xaxis"], trace["yaxis"]) == ("x", "y2")
    assert (line["xref"], line["yref"], line["y0"], line["y1"]) == ("x", "y2 domain", 0, 1)
    assert [note["yref"] for note in plot.sheet.annotations] == ["y2", "y2 domain"]
    assert image["layer"] == "below"


def test_the_legend_names_once_what_several_traces_share() -> None:
    plot = fresh()
    assert plot.in_legend("shown", 3)["showlegend"]
    assert not plot.in_legend("shown", 3)["showlegend"]
    assert plot.sheet.named == {"shown": 3}


def test_a_box_in_the_plot_is_told_which_jobs_its_rows_are() -> None:
    plot = fresh()
    plot.note_jobs(range(10, 15))
    assert plot.sheet.places == {"x y2": Place(unit_ns=NS_PER_MS, first_job=10, jobs=5)}


def test_a_box_in_a_plot_where_jobs_are_missing_is_told_their_numbers() -> None:
    plot = fresh()
    plot.note_jobs([0, 1, 7])
    (place,) = plot.sheet.places.values()
    assert [place.number_of(row) for row in range(3)] == [0, 1, 7]


def test_the_ink_is_that_of_the_sheet() -> None:
    assert fresh().ink is None
    assert Plot(sheet=Sheet(ink="#123456"), axis=TimeAxis(end_ns=1), x="x", y="y").ink == "#123456"
