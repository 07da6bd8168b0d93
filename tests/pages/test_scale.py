"""The page on scale."""

import time

import pytest

from core.sweep import Series, Sweep
from pages.components.language import lesson_text
from tests.kit.screen import Screen, blank

IDEAL = "The dotted lines are the ideal. Press Run to measure."


def shown(*series: Series, tasks: int = 5, sleep: int = 10) -> Screen:
    screen = blank("scale", tasks=tasks, sleep=sleep)
    screen.at.session_state["scale series"] = list(series)
    return screen.run()


def test_it_opens_with_its_text_its_controls_and_the_ideal() -> None:
    screen = blank("scale").run()
    text = lesson_text("scale")
    assert screen.texts("title") == [text.title]
    assert screen.texts("markdown") == [text.words, text.after.strip()]
    assert {each.label for each in screen.at.select_slider} == {"Tasks at most", "Sleep"}
    assert (screen.slid("tasks"), screen.slid("sleep")) == (1_000, 100)
    assert screen.texts("info") == [IDEAL]
    assert not screen.is_running
    lines = [trace for trace in screen.figure["data"] if trace["line"].get("dash") == "dot"]
    assert len(lines) == len(Series) + 1


def test_without_a_series_nothing_can_be_run_and_the_page_says_why() -> None:
    screen = shown()
    assert screen.texts("error") == ["Choose at least one series."]
    assert screen.at.button(key="scale run").disabled
    assert len(screen.at.get("plotly_chart")) == 0


@pytest.mark.real
def test_a_sweep_ends_with_its_charts_its_sentence_and_its_table() -> None:
    screen = shown(Series.COROUTINES, Series.POOL).press("run").when_ended()
    assert screen.texts("error") == screen.texts("warning") == screen.texts("info") == []
    assert len(screen.at.get("plotly_chart")) == 5
    assert screen.sentence is not None
    assert screen.sentence.startswith("3 coroutines that sleep 10.0 ms took ")
    table = screen.at.dataframe[0].value
    sweep = Sweep(series=(Series.COROUTINES, Series.POOL), sleep_s=0.01, largest=5)
    assert table["jobs"].tolist() == [*sweep.counts, *sweep.counts]
    assert (table["wall time (ms)"] >= table["ideal (ms)"]).all()
    (download,) = screen.at.get("download_button")
    assert download.label == "Download the table (CSV)"  # type: ignore[union-attr]


@pytest.mark.real
def test_stop_keeps_what_was_measured() -> None:
    screen = shown(Series.COROUTINES, tasks=100_000).press("run")
    give_up_s = time.monotonic() + 30
    while not screen.at.dataframe:
        assert time.monotonic() < give_up_s
        time.sleep(0.05)
        screen.run()
    screen.press("stop")
    (said,) = screen.texts("info")
    screen.when_ended()
    measured = screen.at.dataframe[0].value["jobs"].tolist()
    sweep = Sweep(series=(Series.COROUTINES,), sleep_s=0.01, largest=100_000)
    assert said == f"Stopped: {len(measured)} of {len(sweep.runs)} points"
    assert screen.texts("info") == [said]
    assert measured[0] == 1
    assert max(measured) < 100_000
