""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.axis import TimeAxis
from core.charts.bins import Bins
from core.charts.dense_lanes import (
    Rare,
    add_marks,
    counted,
    lanes_section,
    parted,
    rare_events,
    rug,
)
from core.charts.density import Detail, density
from core.charts.exact_lanes import LaneView
from core.charts.figure import Plot, Sheet
from core.charts.lane_set import items_of
from core.charts.panel import of_jobs
from core.recording.recorder import JobError
from core.timeline.timeline import Outcome, State, Timeline
from tests.kit.handmade import MS, timeline
from tests.kit.large import in_workers, large_run, with_outcomes

BAD_ENDS = [outcome for outcome in Outcome if outcome is not Outcome.OK]


def found(run: Timeline, view: LaneView = LaneView.JOBS, most: int = 50) -> list[Rare]:
    items = items_of(run, view, (0, int(run.jobs.number.max(initial=0))))
    return rare_events(run, items, Bins.over(0, run.end_ns, most))


def area(end_ns: int) -> Plot:
    where = Plot(sheet=Sheet(), axis=TimeAxis(end_ns=end_ns), x="x", y="y")
    where.sheet.layout["yaxis"] = {}
    return where


@pytest.mark.parametrize("outcome", BAD_ENDS)
def test_every_bad_end_is_an_event_where_its_job_ended(outcome: Outcome) -> None:
    run = with_outcomes(large_run(50, at_once=50), outcome, 3)
    (rare,) = found(run)
    assert rare.mark.name == outcome.value
    assert rare.at_ns.tolist() == run.jobs.ended_ns[:3].tolist()
    assert rare.item.tolist() == [0, 1, 2]
    assert rare.text(1) == f"job 2 {outcome}"


def test_ends_of_a_run_under_way_are_not_known_yet() -> None:
    assert found(replace(with_outcomes(large_run(5), Outcome.LOST, 5), finished=False)) == []


def test_every_blocking_span_is_an_event_in_the_row_of_its_job_or_of_the_loop() -> None:
    run = timeline((0, State.WAITING, 0, 5), (1, State.RUNNING, 5, 30), wall_ms=30)
    for view, row in ((LaneView.JOBS, 1), (LaneView.WORKERS, 0)):
        (rare,) = found(run, view)
        assert (rare.mark.name, rare.at_ns.tolist(), rare.item.tolist()) == (
            "blocking",
            [5 * MS],
            [row],
        )
        assert rare.text(0).startswith("job 2: blocking 25.0 ms")


def test_a_blocking_span_that_reaches_into_a_window_is_marked_at_its_edge() -> None:
    run = timeline((0, State.RUNNING, 0, 50), wall_ms=50)
    items = items_of(run, LaneView.JOBS, (0, 0))
    (rare,) = rare_events(run, items, Bins.over(20 * MS, 30 * MS, 5))
    assert rare.at_ns.tolist() == [20 * MS]
    assert rare_events(run, items, Bins.over(60 * MS, 70 * MS, 5)) == []


def test_the_end_of_a_job_in_no_row_stands_at_the_upper_edge() -> None:
    run = timeline(
        (0, State.QUEUED, 0, 9),
        (1, State.WORKING, 0, 9),
        wall_ms=9,
        outcomes={0: Outcome.CANCELLED},
    )
    where = area(run.end_ns)
    (rare,) = found(run)
    add_marks(where, rare)
    assert where.sheet.traces[0]["y"].tolist() == [-0.5]


def test_the_rarest_sorts_have_a_mark_for_each_event_and_the_others_are_binned() -> None:
    run = with_outcomes(large_run(200), Outcome.FAILED, 60)
    outcome = (Outcome.CANCELLED,) * 5 + run.jobs.outcome[5:]
    events = found(replace(run, jobs=replace(run.jobs, outcome=outcome)))
    assert [(rare.mark.name, len(rare)) for rare in events] == [("failed", 55), ("cancelled", 5)]
    for most, single, binned in ((300, 2, 0), (60, 2, 0), (59, 1, 1), (4, 0, 2)):
        assert tuple(map(len, parted(events, most))) == (single, binned)
    assert parted(events, 59)[0][0].mark.name == "cancelled"


@given(st.integers(1, 200), st.integers(0, 300), st.integers(1, 60))
def test_every_event_is_marked_or_counted(failed: int, most: int, bins: int) -> None:
    run = with_outcomes(large_run(200), Outcome.FAILED, failed)
    where = area(run.end_ns)
    single, binned = parted(found(run), most)
    for rare in single:
        add_marks(where, rare)
    if binned:
        rug(binned, Bins.over(0, run.end_ns, bins)).draw(where)
    (trace,) = where.sheet.traces
    marked = len(trace["x"]) if single else int(trace["customdata"].sum())
    assert marked == failed
    assert len(trace["x"]) <= max(most, bins)


def test_an_event_at_the_very_end_counts_in_the_last_bin() -> None:
    run = timeline((0, State.WAITING, 0, 9), wall_ms=9, outcomes={0: Outcome.FAILED})
    (rare,) = found(run)
    assert counted(rare, Bins.over(0, run.end_ns, 3)).tolist() == [0, 0, 1]


def test_a_rug_names_its_rows_and_says_how_many_there_are() -> None:
    run = with_outcomes(large_run(40, at_once=40), Outcome.FAILED, 40)
    where = area(run.end_ns)
    rug(found(run), Bins.over(0, run.end_ns, 4)).draw(where)
    (trace,) = where.sheet.traces
    assert where.sheet.layout["yaxis"]["ticktext"] == ["failed"]
    assert trace["hovertemplate"].startswith("%{customdata:,} failed within ")
    assert np.asarray(trace["customdata"]).tolist() == [40]


def test_a_long_message_is_cut_off() -> None:
    error = JobError(kind="ValueError", message="x" * 5_000)
    run = timeline(
        (0, State.WAITING, 0, 9), wall_ms=9, outcomes={0: Outcome.FAILED}, errors={0: error}
    )
    (rare,) = found(run)
    assert len(rare.text(0)) < 130
    assert rare.text(0).endswith("x…")


DETAIL = Detail.of_each(1)


def drawn(run: Timeline, first: int = 0, last: int | None = None) -> Sheet:
    last = len(run.jobs) - 1 if last is None else last
    run = of_jobs(run, first, last)
    items = items_of(run, LaneView.JOBS, (first, last))
    found = density(run, items, Bins.over(0, run.end_ns, DETAIL.columns), DETAIL.rows)
    plot = Plot(sheet=Sheet(), axis=TimeAxis(end_ns=run.end_ns), x="x", y="y")
    plot.sheet.layout["yaxis"] = {}
    lanes_section(found, items, [], DETAIL).draw(plot)
    return plot.sheet


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
    places = drawn(large_run(1_000, at_once=1_000)).places
    assert (places["x y"].first_job, places["x y"].jobs) == (0, 1_000)
    assert drawn(in_workers(large_run(100), 2)).places == {}
