"""What a page says of runs that the machine disturbed, and how they are measured again."""

import pytest

from pages.components import result_view
from tests.kit.needs import needs_run_delay
from tests.kit.screen import Screen, opened, unescaped

AGAIN = "again"
END_LIMIT_S = 30.0
OTHER_WORK = "The machine had other work during all runs (threads waited up to "

pytestmark = pytest.mark.real


def offers_again(screen: Screen) -> bool:
    return any(each.key == f"{screen.name} {AGAIN}" for each in screen.at.button)


@pytest.mark.usefixtures("busy_machine")
def test_disturbed_runs_are_marked_and_not_compared_and_can_be_measured_again() -> None:
    screen = opened("compare", by_itself=False, tasks=2, sleep=20).press("run").when_ended()
    assert screen.sentence is not None
    assert "sequential took" in screen.sentence
    assert screen.sentence.count("(disturbed)") == len(screen.titles)
    assert any(OTHER_WORK in unescaped(text) for text in screen.texts("caption"))
    assert all(title.endswith(", disturbed") or ", disturbed<" in title for title in screen.titles)
    assert "faster" not in " ".join([screen.sentence, *screen.titles])
    numbers = screen.at.table[0].value
    assert "speed-up" not in numbers.columns
    assert "—" not in list(numbers["disturbed"])
    assert offers_again(screen)
    before = [bars.lengths for bars in screen.bars()]
    assert screen.press(AGAIN).is_running
    assert not offers_again(screen)
    screen.when_ended()
    assert [bars.lengths for bars in screen.bars()] != before


def test_a_press_of_run_draws_a_brief_run_once_when_it_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(result_view, "BRIEF_LIMIT_S", END_LIMIT_S)
    screen = opened("gather", by_itself=False, tasks=2, sleep=20).press("run")
    assert not screen.is_running
    assert screen.sentence is not None


def test_a_press_of_run_draws_a_longer_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_view, "BRIEF_LIMIT_S", END_LIMIT_S)
    screen = opened("gather", by_itself=False, tasks=2, sleep=1_000).press("run")
    assert screen.is_running
    screen.press("stop").when_ended()


@needs_run_delay
def test_nothing_is_offered_where_nothing_disturbed() -> None:
    screen = opened("compare", by_itself=False, tasks=2, sleep=20).press("run").when_ended()
    assert not offers_again(screen)
    assert "disturbed" not in screen.at.table[0].value.columns


@pytest.mark.usefixtures("busy_machine")
def test_a_single_disturbed_run_is_marked_too() -> None:
    screen = opened("gather", by_itself=False, tasks=2, sleep=20).press("run").when_ended()
    assert screen.sentence is not None
    assert "(disturbed for " in screen.sentence
    waited = "The machine had other work: threads of this run waited "
    assert any(waited in unescaped(text) for text in screen.texts("caption"))
    assert offers_again(screen)
