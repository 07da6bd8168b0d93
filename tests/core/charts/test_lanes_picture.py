import numpy as np
import pytest

from core.charts import lanes_picture
from core.charts.axis import TimeAxis
from core.charts.bins import Bins
from core.charts.collected import Sheet
from core.charts.density import density
from core.charts.detail import Detail
from core.charts.items import items_of
from core.charts.lanes import LaneView
from core.charts.sheet import Area
from core.timeline import Timeline
from tests.core.charts.large import in_workers, large_run

DETAIL = Detail.of_each(1)


def drawn(run: Timeline) -> Sheet:
    items = items_of(run, LaneView.JOBS, (0, len(run.jobs) - 1))
    found = density(run, items, Bins.over(0, run.end_ns, DETAIL.columns), DETAIL.rows)
    area = Area(sheet=Sheet(), axis=TimeAxis(end_ns=run.end_ns), x="x", y="y")
    area.sheet.layout["yaxis"] = {}
    lanes_picture.section(found, items, [], DETAIL).draw(area)
    return area.sheet


def test_the_picture_covers_the_rows_and_the_time_of_the_run() -> None:
    run = large_run(1_000, at_once=1_000)
    sheet = drawn(run)
    (image,) = sheet.images
    assert (image["x"], image["y"]) == (0, -0.5)
    assert image["sizex"] * 1e6 >= run.end_ns
    assert image["sizey"] >= 1_000
    assert sheet.layout["yaxis"]["range"] == [999.5, -0.5]


def test_a_pointer_reads_the_shares_of_a_cell_and_how_many_spans_begin_there() -> None:
    run = large_run(1_000, at_once=1_000)
    (trace,) = drawn(run).traces
    cells = trace["customdata"]
    rows, columns, numbers = cells.shape
    assert rows <= DETAIL.hover_rows
    assert columns <= DETAIL.hover_columns
    assert trace["z"].shape == (rows, columns)
    assert cells[:, :, -1].sum() == len(run.spans)
    assert cells[:, :, :-1].sum(axis=2).max() <= 100.001
    names = [line.partition(":")[0] for line in trace["hovertemplate"].split("<br>")[1:-1]]
    assert names == ["ready", "running", "waiting"]
    assert numbers == len(names) + 1


@pytest.mark.parametrize(
    ("run", "names"),
    [
        (large_run(1_000, at_once=1_000), ["1", "251", "501", "751"]),
        (large_run(100, at_once=5), ["1", "2", "3", "4", "5"]),
        (in_workers(large_run(100), 2), ["loop", "thread-1", "thread-2"]),
    ],
    ids=["jobs", "places", "workers"],
)
def test_rows_are_named(run: Timeline, names: list[str]) -> None:
    axis = drawn(run).layout["yaxis"]
    assert axis["ticktext"] == names
    assert np.all(np.diff(axis["tickvals"]) > 0)


def test_a_box_drawn_over_jobs_is_understood_and_one_over_workers_has_no_jobs() -> None:
    places = drawn(large_run(1_000, at_once=1_000)).places
    assert (places["x y"].first_job, places["x y"].jobs) == (0, 1_000)
    assert drawn(in_workers(large_run(100), 2)).places == {}
