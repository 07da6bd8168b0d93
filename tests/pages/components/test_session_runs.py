import time
from collections.abc import Callable, Iterator

import pytest
import streamlit as st

from core.measuring.comparison import Comparison
from core.measuring.forking import CAN_FORK, Spares
from core.measuring.turns import Capacity, Rest, Turns
from core.processes import kill
from core.services import Services
from core.spec.run_spec import RunSpec
from pages.components import session_runs
from pages.components.session_runs import SessionRuns
from tests.conftest import child_processes
from tests.kit.screen import POLL_S, opened

END_LIMIT_S = 30.0
SHORT = RunSpec(pattern="gather", tasks=2, sleep_s=0.02)
LONG = RunSpec(pattern="gather", tasks=2, sleep_s=30)


def comparison(runs: SessionRuns, page: str) -> Comparison:
    return runs._last[page]


def end_of(compared: Comparison) -> list[str]:
    """Wait until a comparison has ended and return why its runs ended early, if they did."""
    assert compared.ended.wait(END_LIMIT_S)
    return [str(each.error or "") for each in compared.measurements]


def begun(runs: SessionRuns, page: str) -> Comparison:
    """Wait until the runs of a page hold a child each."""
    compared = comparison(runs, page)
    for measurement in compared.measurements:
        assert measurement.prepared.wait(END_LIMIT_S)
    return compared


@pytest.fixture
def runs() -> Iterator[SessionRuns]:
    runs = SessionRuns(Spares(0), Services())
    yield runs
    runs.stop()


def test_a_session_in_which_nothing_was_measured_has_no_runs(runs: SessionRuns) -> None:
    assert runs.measurements("gather") == []
    assert runs.specs("gather") == ()
    assert not runs.is_running("gather")
    runs.stop()


def test_nobody_waits_where_nothing_is_measured(runs: SessionRuns) -> None:
    runs.wait("gather", END_LIMIT_S)
    assert not runs.is_running("gather")


@pytest.mark.real
def test_a_wait_lasts_until_the_runs_have_ended(runs: SessionRuns) -> None:
    runs.measure("gather", [SHORT])
    runs.wait("gather", END_LIMIT_S)
    assert not runs.is_running("gather")


@pytest.mark.real
def test_a_wait_for_runs_that_take_longer_comes_to_its_end(runs: SessionRuns) -> None:
    runs.measure("gather", [LONG])
    runs.wait("gather", 0.05)
    assert runs.is_running("gather")


@pytest.mark.real
def test_nobody_waits_for_runs_whose_turn_has_not_come() -> None:
    turns = Turns(Capacity(children=1))
    first, second = (SessionRuns(Spares(0), Services(), turns=turns) for _ in range(2))
    try:
        first.measure("gather", [LONG])
        second.measure("gather", [SHORT])
        second.wait("gather", END_LIMIT_S)
        assert second.waiting("gather") is not None
    finally:
        first.stop()
        second.stop()


@pytest.mark.real
def test_what_was_measured_stays_until_the_page_measures_anew(runs: SessionRuns) -> None:
    runs.measure("gather", [SHORT])
    assert end_of(comparison(runs, "gather")) == [""]
    (first,) = runs.measurements("gather")
    assert runs.specs("gather") == (SHORT,)
    assert not runs.is_running("gather")
    runs.measure("gather", [SHORT])
    end_of(comparison(runs, "gather"))
    assert runs.measurements("gather") != [first]


@pytest.mark.real
@pytest.mark.parametrize("page", ["gather", "compare"])
def test_a_second_measuring_ends_the_first_on_whichever_page(runs: SessionRuns, page: str) -> None:
    runs.measure("gather", [LONG, LONG])
    first = begun(runs, "gather")
    runs.measure(page, [SHORT])
    assert end_of(first) == ["the run was stopped"] * 2
    assert end_of(comparison(runs, page)) == [""]


@pytest.mark.real
def test_measuring_again_and_again_leaves_the_last_one_only(runs: SessionRuns) -> None:
    before = child_processes()
    earlier = []
    for _ in range(8):
        runs.measure("gather", [LONG])
        earlier.append(comparison(runs, "gather"))
    runs.measure("gather", [SHORT])
    assert [end_of(each) for each in earlier] == [["the run was stopped"]] * 8
    assert end_of(comparison(runs, "gather")) == [""]
    assert child_processes() == before


@pytest.mark.real
def test_stop_ends_the_run_and_nothing_of_it_is_left(runs: SessionRuns) -> None:
    before = child_processes()
    runs.measure("gather", [LONG])
    compared = begun(runs, "gather")
    runs.stop()
    assert end_of(compared) == ["the run was stopped"]
    assert child_processes() == before
    assert not runs.is_running("gather")


@pytest.mark.real
def test_the_runs_of_a_page_just_opened_wait_for_its_paint_and_those_of_a_press_do_not() -> None:
    runs = SessionRuns(Spares(0), Services(), rest=Rest(END_LIMIT_S))
    runs.measure("gather", [SHORT], opening=True)
    assert runs.awaits_paint("gather")
    assert runs.is_running("gather")
    opening = comparison(runs, "gather")
    runs.measure("gather", [SHORT])
    assert not runs.awaits_paint("gather")
    assert end_of(opening) == ["the run was stopped"]
    assert end_of(comparison(runs, "gather")) == [""]


@pytest.mark.real
def test_a_painted_page_is_measured(runs: SessionRuns) -> None:
    runs.painted("gather")
    runs.measure("gather", [SHORT], opening=True)
    assert runs.is_at_rest("gather")
    runs.painted("compare")
    assert runs.awaits_paint("gather")
    runs.painted("gather")
    assert end_of(comparison(runs, "gather")) == [""]


@pytest.fixture
def own_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this server start its children itself, and keep those warm that it would keep."""
    monkeypatch.setattr(session_runs, "Spares", Spares)


@pytest.mark.real
@pytest.mark.usefixtures("own_children")
def test_a_measuring_process_that_is_killed_is_told_on_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session_runs, "WARM_CHILDREN", 0)
    screen = opened("gather", tasks=2, sleep=5_000, by_itself=False)
    before = child_processes()
    screen.press("run")
    until(lambda: len(child_processes() - before) == 1)
    (child,) = child_processes() - before
    kill(child)
    screen.when_ended()
    assert screen.texts("error") == [
        "gather: the measuring process ended unexpectedly (signal 9); run again"
    ]
    assert screen.sentence is None


@pytest.mark.real
@pytest.mark.usefixtures("own_children")
def test_the_end_of_the_session_ends_its_run_and_the_warm_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session_runs, "WARM_CHILDREN", 2)
    before = child_processes()
    screen = opened("gather", by_itself=False, tasks=2, sleep=5_000)
    until(lambda: len(child_processes() - before) == (1 if CAN_FORK else 2))
    screen.press("run")
    assert screen.is_running
    st.cache_resource.clear()
    until(lambda: child_processes() == before)


def until(condition: Callable[[], bool]) -> None:
    """Wait for what other threads and processes bring about."""
    give_up_s = time.monotonic() + END_LIMIT_S
    while not condition():
        assert time.monotonic() < give_up_s
        time.sleep(POLL_S)
