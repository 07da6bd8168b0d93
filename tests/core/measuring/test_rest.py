"""When the runs of a page that was just opened begin: the rules, on a clock of the test's own."""

import threading

import pytest

from core.measuring.turns import CALM_LIMIT_S, CALM_S, Opening, OpeningQueue, Rest
from tests.kit.watching import LIMIT_S

PAINT_LIMIT_S = 5.0
SOON_S = 0.01


def asking(*, painted_s: float | None = None) -> Opening:
    return Opening(begin=lambda: None, asked_s=0.0, painted_s=painted_s)


def queue_of(*openings: Opening) -> OpeningQueue:
    return OpeningQueue(PAINT_LIMIT_S, list(openings))


def test_nothing_begins_before_its_page_is_painted_however_calm_the_machine() -> None:
    queue = queue_of(asking())
    assert queue.take_due(PAINT_LIMIT_S - SOON_S, calm_since_s=0.0) == []


def test_a_page_that_never_says_it_is_painted_is_measured_all_the_same() -> None:
    opening = asking()
    queue = queue_of(opening)
    assert queue.take_due(PAINT_LIMIT_S, calm_since_s=PAINT_LIMIT_S) == [opening]
    assert queue.waiting == []


def test_a_painted_page_begins_once_the_machine_has_been_calm_for_a_while() -> None:
    opening = asking(painted_s=1.0)
    queue = queue_of(opening)
    assert queue.take_due(1.0 + CALM_S - SOON_S, calm_since_s=0.0) == []
    assert queue.take_due(1.0 + CALM_S + SOON_S, calm_since_s=0.0) == [opening]


def test_what_disturbs_after_the_paint_puts_the_beginning_off() -> None:
    opening = asking(painted_s=1.0)
    queue = queue_of(opening)
    assert queue.take_due(1.0 + CALM_S + SOON_S, calm_since_s=1.1) == []
    assert queue.take_due(1.1 + CALM_S + SOON_S, calm_since_s=1.1) == [opening]


def test_a_machine_that_is_never_calm_puts_it_off_for_no_longer_than_the_limit() -> None:
    opening = asking(painted_s=1.0)
    queue = queue_of(opening)
    late_s = 1.0 + CALM_LIMIT_S
    assert queue.take_due(late_s - SOON_S, calm_since_s=late_s - SOON_S) == []
    assert queue.take_due(late_s, calm_since_s=late_s) == [opening]


def test_each_page_waits_for_its_own_paint_only() -> None:
    painted, unpainted = asking(painted_s=0.0), asking()
    queue = queue_of(unpainted, painted)
    assert queue.take_due(1.0, calm_since_s=0.0) == [painted]
    assert queue.waiting == [unpainted]


def test_what_is_withdrawn_never_begins() -> None:
    opening = asking(painted_s=0.0)
    queue = queue_of(opening)
    assert queue.withdraw(opening)
    assert not queue.withdraw(opening)
    assert queue.take_due(PAINT_LIMIT_S, calm_since_s=0.0) == []


def test_a_page_that_says_it_is_painted_awaits_nothing_but_calm() -> None:
    rest, begun = Rest(LIMIT_S), threading.Event()
    opening = rest.wait(begun.set)
    assert rest.awaits_paint(opening)
    rest.painted(opening)
    assert not rest.awaits_paint(opening)
    assert begun.wait(LIMIT_S)
    assert not rest.withdraw(opening)


def test_without_a_word_from_the_page_the_runs_begin_at_the_limit() -> None:
    begun = threading.Event()
    Rest(0.0).wait(begun.set)
    assert begun.wait(LIMIT_S)


def test_one_thread_looks_for_all_who_wait_and_ends_with_the_last() -> None:
    rest = Rest(LIMIT_S)
    before = threading.active_count()
    openings = [rest.wait(lambda: None) for _ in range(7)]
    assert threading.active_count() == before + 1
    (looker,) = [each for each in threading.enumerate() if each.name == "rest"]
    for opening in openings:
        rest.painted(opening)
    looker.join(LIMIT_S)
    assert not looker.is_alive()


def test_a_process_that_can_have_no_more_threads_begins_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    begun: list[str] = []
    Rest(LIMIT_S).wait(lambda: begun.append("run"))
    assert begun == ["run"]
