"""A page just opened: outlines first, then its runs, once it is painted or says nothing."""

import pytest

from pages.components import session_runs
from tests.kit.screen import OUTLINE, PRESS_RUN, RUN_LIMIT_S, Screen, opened

AT_REST = "The outline is the ideal schedule. Measuring begins when the page is at rest."

pytestmark = pytest.mark.real


@pytest.fixture
def unpainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages wait for a browser that paints them."""
    monkeypatch.setattr(session_runs, "PAINT_WITHIN_S", RUN_LIMIT_S)


def say_painted() -> None:
    """Say what a browser says once it has painted the only page that is open."""
    rest = session_runs._rest()
    (opening,) = rest._queue.waiting
    rest.painted(opening)


def outlines(screen: Screen) -> list[str]:
    return [bars.name for bars in screen.bars()]


@pytest.mark.usefixtures("unpainted")
@pytest.mark.parametrize(("page", "runs"), [("compare", 3), ("gather", 1)])
def test_a_page_shows_outlines_until_it_is_painted_and_then_its_runs(page: str, runs: int) -> None:
    screen = opened(page, tasks=2, sleep=20)
    assert screen.texts("info") == [AT_REST]
    assert outlines(screen.run()) == [OUTLINE] * runs
    assert screen.is_running
    say_painted()
    screen.when_ended()
    assert screen.texts("info") == []
    assert screen.sentence is not None
    assert len(screen.states()) == 2


@pytest.mark.usefixtures("unpainted")
def test_run_does_not_wait_for_the_paint() -> None:
    screen = opened("gather", tasks=2, sleep=20).press("run").when_ended()
    assert screen.sentence is not None
    assert session_runs._rest()._queue.waiting == []


@pytest.mark.usefixtures("unpainted")
def test_a_control_moved_before_the_paint_replaces_what_waits_for_it() -> None:
    screen = opened("gather", tasks=2, sleep=20).slide(tasks=3)
    assert screen.texts("info") == [AT_REST]
    say_painted()
    screen.when_ended()
    assert screen.sentence is not None
    assert screen.sentence.startswith("3 jobs of 20.0 ms")


@pytest.mark.usefixtures("unpainted")
def test_stop_ends_the_wait_for_the_paint() -> None:
    screen = opened("gather", tasks=2, sleep=20).press("stop").when_ended()
    assert screen.texts("error") == ["gather: the run was stopped"]
    assert session_runs._rest()._queue.waiting == []


@pytest.mark.usefixtures("unpainted")
def test_a_page_that_measures_nothing_by_itself_waits_for_nothing() -> None:
    screen = opened("gather", tasks=2, sleep=20, by_itself=False)
    assert screen.texts("info") == [PRESS_RUN]
    assert not screen.is_running


def test_a_page_that_nobody_paints_is_measured_all_the_same() -> None:
    screen = opened("gather", tasks=2, sleep=20).when_ended()
    assert screen.sentence is not None
