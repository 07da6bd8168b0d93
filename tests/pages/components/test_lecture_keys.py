import pytest

from pages.components.contents import titles
from pages.components.lecture_keys import STEPS, next_step
from tests.kit.screen import blank, opened


@pytest.mark.parametrize(
    ("now", "more", "fewer"),
    [(1, 5, 1), (5, 10, 5), (7, 10, 5), (10, 100, 5), (1_000, 1_000, 100), (10_000, 10_000, 1_000)],
)
def test_each_press_goes_one_step(now: int, more: int, fewer: int) -> None:
    assert next_step(now, STEPS) == more
    assert next_step(now, STEPS[::-1]) == fewer


def test_keys_move_the_number_of_tasks() -> None:
    screen = opened("gather", by_itself=False)
    assert screen.press("M").slid("tasks") == 10
    assert screen.press("M").slid("tasks") == 100
    assert screen.press("L").slid("tasks") == 10


def test_the_pages_follow_one_another() -> None:
    order = list(titles())
    assert order[0] == "compare"
    for before, page, after in zip(order, order[1:], order[2:], strict=False):
        if page == "gather":
            labels = [button.label for button in opened(page, by_itself=False).at.button]
            assert f"← {before}" in labels
            assert f"{after} →" in labels


def test_the_first_page_has_none_before_it() -> None:
    labels = [button.label for button in opened("compare", by_itself=False).at.button]
    assert not [label for label in labels if label.startswith("←")]
    assert "sequential →" in labels


@pytest.mark.parametrize("patterns", ["", ","])
def test_without_a_slider_there_is_no_number_of_tasks_to_move(patterns: str) -> None:
    screen = blank("compare", by_itself=False)
    screen.at.query_params["patterns"] = patterns
    screen.run()
    assert screen.texts("error") == ["Choose at least one pattern."]
    assert screen.at.button(key="compare M").disabled
    assert screen.at.button(key="compare L").disabled
    screen.at.pills(key="compare patterns").set_value(["gather"])
    assert not screen.run().at.button(key="compare M").disabled
    assert screen.press("M").slid("tasks") == 10
