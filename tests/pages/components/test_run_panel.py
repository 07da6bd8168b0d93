""

import pytest
from streamlit.testing.v1 import AppTest

from core.analysis.guesses import Idea, Order, guesses
from core.measuring.turns import Wait
from core.spec.run_spec import RunSpec
from pages.components.run_panel import turn_text
from tests.kit.screen import OUTLINE, PRESS_RUN, Screen, opened, unescaped


def rows(screen: Screen) -> list[int]:
    return sorted(screen.states())


@pytest.mark.real
@pytest.mark.parametrize("page", ["gather", "compare"])
def test_moving_a_control_measures_anew_and_replaces_what_was_shown(page: str) -> None:
    screen = opened(page, tasks=2, sleep=20).when_ended()
    assert screen.sentence is not None
    assert screen.sentence.startswith("2 jobs of 20.0 ms")
    screen.slide(tasks=4).when_ended()
    assert screen.sentence.startswith("4 jobs of 20.0 ms")
    assert rows(screen) == [0, 1, 2, 3]
    screen.slide(tasks=2, sleep=50).when_ended()
    assert screen.sentence.startswith("2 jobs of 50.0 ms")
    assert rows(screen) == [0, 1]


@pytest.mark.real
def test_an_unmoved_page_measures_once_only() -> None:
    screen = opened("gather", tasks=2, sleep=20).when_ended()
    first = screen.sentence
    assert first is not None
    screen.choose("lanes", "workers").run()
    assert not screen.is_running
    assert screen.sentence == first


@pytest.mark.real
def test_run_measures_the_same_again() -> None:
    screen = opened("gather", tasks=2, sleep=20, by_itself=False).press("run").when_ended()
    before = [bar.lengths for bar in screen.bars()]
    screen.press("run").when_ended()
    assert [bar.lengths for bar in screen.bars()] != before


@pytest.mark.real
def test_switched_off_a_moved_control_shows_the_outline_and_says_how_to_measure() -> None:
    screen = opened("gather", tasks=2, sleep=20, by_itself=False).press("run").when_ended()
    assert screen.texts("info") == []
    screen.slide(tasks=3)
    assert not screen.is_running
    assert screen.texts("info") == [PRESS_RUN]
    assert [bars.name for bars in screen.bars()] == [OUTLINE]
    assert screen.bars()[0].rows == [0, 1, 2]
    assert screen.sentence is None


@pytest.mark.real
def test_back_at_the_settings_measured_last_their_run_is_shown_again() -> None:
    screen = opened("gather", tasks=2, sleep=20, by_itself=False).press("run").when_ended()
    first = screen.sentence
    screen.slide(tasks=3)
    assert screen.slide(tasks=2).sentence == first


def test_a_slow_run_is_not_measured_by_itself() -> None:
    screen = opened("sequential", tasks=50, sleep=200)
    assert not screen.is_running
    assert screen.texts("info") == [PRESS_RUN]


@pytest.mark.real
def test_stop_ends_a_run_shows_what_there_is_of_it_and_says_so() -> None:
    screen = opened("gather", tasks=2, sleep=5_000, by_itself=False).press("run")
    assert screen.is_running
    screen.press("stop").when_ended()
    assert screen.texts("error") == ["gather: the run was stopped"]
    assert screen.sentence is None
    assert screen.bars(OUTLINE)[0].rows == [0, 1]
    lines = [trace.get("line", {}).get("dash") for trace in screen.figure["data"]]
    assert "dash" not in lines


@pytest.mark.real
def test_a_run_under_way_is_drawn_before_it_has_ended() -> None:
    screen = opened("sequential", tasks=5, sleep=400, by_itself=False).press("run")
    while screen.is_running and not screen.states():
        screen.run()
    assert screen.is_running
    assert screen.bars(OUTLINE)[0].rows == [0, 1, 2, 3, 4]
    assert screen.texts("info") == []
    assert "so far" in screen.titles[0]
    screen.when_ended()
    assert rows(screen) == [0, 1, 2, 3, 4]


def test_two_visitors_of_one_page_do_not_share_their_settings() -> None:
    one = opened("gather", by_itself=False, tasks=2)
    other = opened("gather", by_itself=False, tasks=8)
    assert (one.run().slid("tasks"), other.slid("tasks")) == (2, 8)


def page() -> None:
    from pages.components import run_panel

    run_panel.show_waiting(["postgres", "dask"])


def test_what_is_being_started_is_said_line_by_line() -> None:
    at = AppTest.from_function(page).run()
    assert [info.value for info in at.info] == [
        "Starting PostgreSQL …",
        "Starting the Dask cluster …",
    ]


def test_who_waits_is_told_the_place_and_about_how_long() -> None:
    assert turn_text(Wait(place=3, seconds=3.2)) == (
        "Waiting for its turn: place 3 in the queue, about 4 s …"
    )
    assert turn_text(Wait(place=1, seconds=0)).endswith("about 1 s …")


SPEC = RunSpec(pattern="gather", tasks=3, sleep_s=0.05)


def guessing() -> Screen:
    return opened("gather", guess=True, tasks=3, sleep=50)


def guess(screen: Screen, idea: Idea, order: Order) -> Screen:
    key = f"guess 0 {hash(SPEC)}"
    (time,) = [each for each in guesses(SPEC) if each.idea is idea]
    screen.at.segmented_control(key=f"gather {key} time").set_value(time)
    screen.at.segmented_control(key=f"gather {key} order").set_value(order)
    return screen.run()


def test_nothing_is_measured_or_shown_before_the_guess() -> None:
    screen = guessing()
    assert not screen.is_running
    assert len(screen.at.get("plotly_chart")) == 0
    assert screen.texts("info") == ["The chart appears once you have guessed."]
    assert screen.at.button(key="gather run").disabled


def test_the_guess_is_drawn_and_told_once_it_has_run() -> None:
    screen = guess(guessing(), Idea.ONE_BY_ONE, Order.FORWARD).when_ended()
    assert screen.sentence is not None
    (line,) = [each for each in screen.figure["data"] if each.get("name") == "your guess"]
    assert line["x"] == [150.0, 150.0]
    assert "You said 150 ms: one after another, but it took" in screen.findings["gather"]


def test_other_settings_ask_for_another_guess() -> None:
    screen = guess(guessing(), Idea.TOGETHER, Order.FORWARD).when_ended().slide(tasks=4)
    assert not screen.is_running
    assert len(screen.at.get("plotly_chart")) == 0


def test_a_single_job_has_no_order_to_guess() -> None:
    segments = opened("gather", guess=True, tasks=1).at.segmented_control
    asked = [unescaped(each.label) for each in segments if "will" in each.label]
    assert asked == ["How long will gather take?"]
