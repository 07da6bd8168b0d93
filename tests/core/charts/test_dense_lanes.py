import numpy as np
import pytest

from core.charts.axis import TimeAxis
from core.charts.dense_lanes import lanes_section
from core.charts.density import Bins, Detail, density
from core.charts.figure import FigureParts
from core.charts.lanes import LaneView, lane_set_of
from core.charts.panel import of_jobs
from core.timeline.timeline import Timeline
from tests.core.charts import figures
from tests.kit.large import in_workers, large_run

DETAIL = Detail.of_each(1)


def drawn(run: Timeline, first: int = 0, last: int | None = None) -> FigureParts:
    last = len(run.jobs) - 1 if last is None else last
    run = of_jobs(run, first, last)
    lanes = lane_set_of(run, LaneView.JOBS, (first, last))
    found = density(run, lanes, Bins.over(0, run.end_ns, DETAIL.columns), DETAIL.rows)
    return figures.drawn(lanes_section(found, lanes, [], DETAIL), TimeAxis(end_ns=run.end_ns))


def test_the_picture_covers_the_rows_and_the_time_of_the_run() -> None:
    run = large_run(1_000, at_once=1_000)
    parts = drawn(run)
    (image,) = parts.images
    assert (image["x"], image["y"]) == (0, -0.5)
    assert image["sizex"] * 1e6 >= run.end_ns
    assert image["sizey"] >= 1_000
    assert parts.layout["yaxis"]["range"] == [999.5, -0.5]


def test_a_pointer_reads_the_shares_of_a_cell_and_how_many_spans_begin_there() -> None:
    run = large_run(1_000, at_once=1_000)
    (trace,) = drawn(run).traces
    cells = trace["customdata"]
    rows, columns, numbers = cells.shape
    assert rows <= DETAIL.hover_rows
    assert columns <= DETAIL.hover_columns
    assert trace["z"].shape == (rows, columns)
    names = [line.partition(":")[0] for line in trace["hovertemplate"].split("<br>")[1:-1]]
    assert names == ["ready", "running", "waiting"]
    assert numbers == len(names) + 3
    assert cells[:, :, len(names)].sum() == len(run.spans)
    assert cells[:, :, : len(names)].sum(axis=2).max() <= 1.00001


def test_a_cell_tells_which_jobs_it_sums_up_also_in_a_window_of_some() -> None:
    run = large_run(1_000, at_once=1_000)
    (whole,), (part,) = drawn(run).traces, drawn(run, first=600, last=799).traces
    assert whole["customdata"][0, 0, -2:].tolist() == [1, 56]
    assert whole["customdata"][-1, -1, -2:].tolist() == [953, 1_000]
    assert part["customdata"][0, 0, -2] == 601
    assert part["customdata"][-1, -1, -1] == 800
    numbers = part["customdata"].shape[2]
    first, last = (f"%{{customdata[{place}]:,.0f}}" for place in (numbers - 2, numbers - 1))
    assert part["hovertemplate"].startswith(f"jobs {first} to {last}, ")
    assert all(len(row) == numbers for each in part["customdata"] for row in each)


def test_a_cell_of_a_worker_bears_its_name() -> None:
    (few,) = drawn(in_workers(large_run(100), 2)).traces
    assert [row[0] for row in few["text"]] == ["loop", "thread-1", "thread-2"]
    assert few["hovertemplate"].startswith("%{text}, ")
    (many,) = drawn(in_workers(large_run(400), 100)).traces
    assert many["text"][0][0] == "loop … thread-5"
    assert {len(row) for row in many["text"]} == {many["z"].shape[1]}


@pytest.mark.parametrize(
    ("run", "names"),
    [
        (large_run(1_000, at_once=1_000), ["job 1", "251", "501", "751"]),
        (large_run(100, at_once=5), ["place 1", "2", "3", "4", "5"]),
        (in_workers(large_run(100), 2), ["loop", "thread-1", "thread-2"]),
    ],
    ids=["jobs", "places", "workers"],
)
def test_rows_are_named(run: Timeline, names: list[str]) -> None:
    axis = drawn(run).layout["yaxis"]
    assert axis["ticktext"] == names
    assert np.all(np.diff(axis["tickvals"]) > 0)


def test_a_box_drawn_over_jobs_is_understood_and_one_over_workers_has_no_jobs() -> None:
    axes = drawn(large_run(1_000, at_once=1_000)).axes
    assert (axes["x y"].first_job, axes["x y"].jobs) == (0, 1_000)
    assert drawn(in_workers(large_run(100), 2)).axes == {}
