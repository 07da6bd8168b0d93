"""The start page, as a new user meets it."""

from itertools import pairwise

import pytest

from tests.kit.app import App, Bar

pytestmark = [pytest.mark.browser, pytest.mark.real]

SEQUENTIAL, GATHER, EXECUTOR = "y", "y2", "y3"
THREE_HAVE_ENDED = "chart.data.filter(each => each.line?.dash === 'dash').length === 3"


def measured(bars: list[Bar], plot: str, name: str) -> list[Bar]:
    return [bar for bar in bars if bar.plot == plot and bar.name == name]


def long_ones(bars: list[Bar], plot: str, name: str) -> list[Bar]:
    """Leave out the slivers of a busy machine: every job sleeps for 200 ms."""
    return [bar for bar in measured(bars, plot, name) if bar.length > 150]


def test_the_default_comparison_is_measured_on_opening(app: App) -> None:
    app.open()
    app.await_result()
    bars = app.bars()
    waits = long_ones(bars, SEQUENTIAL, "waiting")
    assert [bar.row for bar in waits] == [0, 1, 2, 3, 4]
    assert all(before.start + before.length <= after.start for before, after in pairwise(waits))
    together = long_ones(bars, GATHER, "waiting")
    assert len(together) == 5
    assert max(bar.start for bar in together) < min(bar.start + bar.length for bar in together)
    working = long_ones(bars, EXECUTOR, "working")
    assert sorted(bar.row for bar in working) == [0, 1, 2, 3, 4]


def test_every_title_names_the_wall_time_and_the_speed_up_or_why_there_is_none(app: App) -> None:
    app.open()
    app.await_result()
    sequential, gather, executor = app.titles()
    assert sequential.startswith("<b>sequential</b> — <b>1.")
    for compared in (gather, executor):
        assert "faster" in compared or any(
            "disturbed for" in title for title in (sequential, compared)
        )


def test_letting_go_of_a_slider_measures_at_once(app: App) -> None:
    app.open()
    app.await_result()
    app.move_slider("Tasks", "ArrowLeft", times=2)
    app.await_chart("chart._fullData?.[0]?.y?.length === 3")
    app.await_result()
    app.await_chart(THREE_HAVE_ENDED)
    assert app.slider_text("Tasks") == "3"
    assert [bar.row for bar in long_ones(app.bars(), SEQUENTIAL, "waiting")] == [0, 1, 2]


def test_run_measures_what_the_outline_foretold(app: App) -> None:
    app.open()
    app.await_result()
    app.toggle("Measure as I move")
    app.move_slider("Tasks", "ArrowRight")
    app.page.get_by_text("Press Run to measure").wait_for()
    outline = [bar for bar in app.bars() if bar.plot == SEQUENTIAL]
    assert {bar.name for bar in outline} == {"ideal"}
    assert [bar.start for bar in outline] == pytest.approx([0, 200, 400, 600, 800, 1000])
    app.rest()
    app.page.keyboard.press("Control+Enter")
    app.await_chart(THREE_HAVE_ENDED)
    waits = long_ones(app.bars(), SEQUENTIAL, "waiting")
    assert [bar.row for bar in waits] == [0, 1, 2, 3, 4, 5]
    for bar, best in zip(waits, outline, strict=True):
        assert bar.start >= best.start
        assert bar.length >= best.length * 0.99


def test_bars_grow_while_a_run_goes_on_and_stop_ends_it(app: App) -> None:
    app.open()
    app.await_result()
    app.toggle("Measure as I move")
    app.move_slider("Sleep", "End")
    app.page.get_by_text("Press Run to measure").wait_for()
    app.run()
    app.await_chart("chart.layout.annotations?.[0]?.text.includes('so far')")
    app.press("Stop")
    app.page.get_by_text("the run was stopped").first.wait_for()
    assert "ended early" in app.titles()[0]
    assert measured(app.bars(), SEQUENTIAL, "waiting")


def test_the_page_and_the_run_file_say_the_same(app: App) -> None:
    app.open()
    app.await_result()
    comparison = app.downloaded()
    assert comparison["schema"] == "loopscope/comparison@1"
    sequential, gather, executor = comparison["runs"]
    assert [len(run["jobs"]) for run in (sequential, gather, executor)] == [5, 5, 5]
    spans = [
        (job["id"], span["start_ns"] / 1e6, (span["end_ns"] - span["start_ns"]) / 1e6)
        for job in gather["jobs"]
        for span in job["spans"]
        if span["state"] == "waiting"
    ]
    drawn = [(bar.row, bar.start, bar.length) for bar in measured(app.bars(), GATHER, "waiting")]
    assert sorted(drawn) == [pytest.approx(span) for span in sorted(spans)]


def test_a_run_beyond_the_limit_is_refused_and_the_others_go_on(app: App) -> None:
    app.open()
    app.await_result()
    app.toggle("Measure as I move")
    app.move_slider("Tasks", "End")
    app.page.get_by_text("sequential would take 20,000.0 s at best").wait_for()
    titles = " ".join(app.titles())
    assert "<b>gather</b>" in titles
    assert "sequential" not in titles
