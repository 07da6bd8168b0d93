"""The turns of a loop whose thread is watched."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.recording.events import KIND_BITS, KIND_MASK, Kind, LaneKind, lane_code
from core.recording.recorder import Recorder
from core.recording.thread_clocks import ThreadClocks, ThreadTime
from core.recording.turns import FRESH_NS, LONG_NS, Turns, watched_turns
from tests.kit.virtual import MS, table

ME = 7


class Clocks(ThreadClocks):
    """Clocks that are turned by hand."""

    def __init__(self) -> None:
        self.now: ThreadTime | None = ThreadTime(0, 0, 0)
        self.waits: dict[int, int] = {}
        super().__init__(lambda _path: b"")

    def of_thread(self, thread: int) -> ThreadTime | None:
        return self.now

    def all_delays(self) -> dict[int, int]:
        return dict(self.waits)


class Watched:
    """A selector that does what a test wants while it selects, under watch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(threading, "get_native_id", lambda: ME)
        self.now_ns = 0
        self.clocks = Clocks()
        self.recorder = Recorder(clock=lambda: self.now_ns)
        self.lane = lane_code(LaneKind.LOOP, 2)
        self.turns = Turns(self.recorder, self.clocks, self.lane)
        self.meanwhile: Callable[[], object] = lambda: None
        self.select = self.turns.watched(self._select)
        self.asked: list[float | None] = []

    def _select(self, timeout: float | None) -> Any:
        self.asked.append(timeout)
        self.meanwhile()
        return "what is ready"

    def work(self, ms: int, *, delay_ms: int = 0, others_ms: int = 0) -> None:
        """Let time pass in which the thread runs, but for a delay, and others run."""
        self.now_ns += ms * MS
        cpu_ns, delay_ns, process_ns = self.clocks.now or (0, 0, 0)
        ran_ns = (ms - delay_ms) * MS
        self.clocks.now = ThreadTime(
            cpu_ns + ran_ns, delay_ns + delay_ms * MS, process_ns + ran_ns + others_ms * MS
        )

    @property
    def rows(self) -> list[list[int]]:
        rows: list[list[int]] = table(self.recorder.take().events).tolist()
        return rows


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def test_what_is_ready_is_given_on_and_the_timeout_too(watched: Watched) -> None:
    assert watched.select(0.5) == watched.select(None) == "what is ready"
    assert watched.asked == [0.5, None]


@pytest.mark.parametrize("then", [0, 1.5, None])
def test_a_long_turn_is_recorded_with_what_the_thread_did(
    watched: Watched, then: float | None
) -> None:
    watched.clocks.delays = {ME: 100, 8: 5}
    watched.select(0)
    watched.work(30, delay_ms=10, others_ms=4)
    watched.clocks.waits = {ME: 900, 8: 25, 9: 3}
    watched.select(then)
    ((kind, others_delay, cpu, start, end, delay, others),) = watched.rows
    assert (kind & KIND_MASK, kind >> KIND_BITS) == (Kind.TURN, watched.lane)
    assert (start, end, cpu, delay, others) == (0, 30 * MS, 20 * MS, 10 * MS, 4 * MS)
    assert others_delay == 20 + 3


def test_a_wait_is_no_part_of_a_turn(watched: Watched) -> None:
    watched.select(0)
    watched.meanwhile = lambda: watched.work(500, delay_ms=40)
    watched.select(1)
    watched.meanwhile = lambda: None
    watched.work(20)
    watched.select(1)
    assert [row[2:6] for row in watched.rows] == [[20 * MS, 500 * MS, 520 * MS, 0]]


def test_short_turns_are_taken_together_and_leave_no_row(watched: Watched) -> None:
    watched.select(0)
    for _ in range(8):
        watched.work(3)
        watched.select(0)
    assert watched.rows == []
    assert watched.now_ns - watched.turns.began_ns < FRESH_NS
    watched.work(LONG_NS // MS)
    watched.select(0)
    assert len(watched.rows) == 1


def test_of_a_thread_that_is_gone_there_is_no_row(watched: Watched) -> None:
    watched.select(0)
    watched.clocks.now = None
    assert watched.turns.row() == b""


def test_a_selector_that_takes_no_attributes_is_left_as_it_is(watched: Watched) -> None:
    class Bare:
        __slots__ = ()

        def select(self, timeout: float | None) -> None:
            pass

    class Loop:
        _selector = Bare()
        lane = 0

    watched.recorder.thread_clocks = watched.clocks
    assert watched_turns(Loop(), watched.recorder) is None
    watched.recorder.thread_clocks = None
    assert watched_turns(Loop(), watched.recorder) is None


def test_a_clock_that_fails_ends_the_recording_and_not_the_program(watched: Watched) -> None:
    def fail(thread: int) -> None:
        raise OSError("no more clocks")

    watched.clocks.of_thread = fail  # type: ignore[method-assign]
    assert watched.select(0) == "what is ready"
    assert "no more clocks" in str(watched.recorder.failure)
