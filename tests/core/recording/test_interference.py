"""The clocks of threads, as Linux keeps them."""

import asyncio
import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.recording.events import KIND_BITS, KIND_MASK, NOBODY, Kind, LaneKind, lane_code
from core.recording.file_recording import FileRecording
from core.recording.interference import (
    FRESH_NS,
    LONG_NS,
    MOST_KEPT_OPEN,
    WORTH_NOTING_NS,
    CollectionWatch,
    Files,
    ThreadClocks,
    ThreadTime,
    Turns,
    thread_clocks,
    watched_turns,
)
from core.recording.loop import RecordingLoop
from core.recording.recorder import Recorder
from tests.kit.needs import needs_run_delay
from tests.kit.virtual import MS, VirtualClock, VirtualSelector, table

pytestmark = needs_run_delay


@pytest.fixture
def clocks() -> Iterator[ThreadClocks]:
    found = thread_clocks()
    assert found is not None
    yield found
    found.close()


def test_a_thread_that_works_runs_and_the_process_with_it(clocks: ThreadClocks) -> None:
    me = threading.get_native_id()
    before = clocks.of_thread(me)
    begun_ns = time.thread_time_ns()
    while time.thread_time_ns() - begun_ns < 20_000_000:
        pass
    after = clocks.of_thread(me)
    assert before is not None
    assert after is not None
    assert after.cpu_ns - before.cpu_ns >= 20_000_000
    assert after.process_ns - before.process_ns >= 20_000_000
    assert after.delay_ns >= before.delay_ns


def test_another_thread_is_known_while_it_lives(clocks: ThreadClocks) -> None:
    known, done = threading.Event(), threading.Event()
    numbers = []

    def wait() -> None:
        numbers.append(threading.get_native_id())
        known.set()
        done.wait(10)

    thread = threading.Thread(target=wait)
    thread.start()
    assert known.wait(10)
    (number,) = numbers
    assert clocks.of_thread(number) is not None
    assert number in clocks.all_delays()
    done.set()
    thread.join()
    while (Path("/proc/self/task") / str(number)).exists():
        time.sleep(0.001)  # the system's thread outlives Python's by a moment
    assert clocks.of_thread(number) is None
    assert number not in clocks.all_delays()


def test_of_a_thread_that_has_ended_the_delay_is_kept(
    clocks: ThreadClocks,
) -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait, args=(10,))
    thread.start()
    clocks.delays = {thread.native_id or 0: 5_000, threading.get_native_id(): 7_000}
    clocks.read_delays()
    assert clocks.delay_of_ended_ns == 0
    done.set()
    clocks.delays[thread.native_id or 0] = 5_000
    thread.join()
    clocks.read_delays()
    clocks.read_delays()
    assert clocks.delay_of_ended_ns == 5_000


def test_a_thread_that_reads_waits_in_a_call_and_one_at_a_lock_does_not(
    clocks: ThreadClocks,
) -> None:
    reader, writer = os.pipe()
    lock = threading.Lock()
    lock.acquire()
    threads = [
        threading.Thread(target=os.read, args=(reader, 1)),
        threading.Thread(target=lock.acquire),
    ]
    for thread in threads:
        thread.start()
    reading, locked = (thread.native_id or 0 for thread in threads)
    try:
        give_up_s = time.monotonic() + 10
        while not clocks.waits_in_call(reading) and time.monotonic() < give_up_s:
            time.sleep(0.001)
        assert clocks.waits_in_call(reading)
        assert not clocks.waits_in_call(locked)
    finally:
        os.write(writer, b"x")
        lock.release()
        for thread in threads:
            thread.join()
        os.close(reader)
        os.close(writer)


def open_files() -> set[str]:
    """Return what this process has open of the clocks of its threads."""
    places = []
    for each in os.listdir("/proc/self/fd"):  # noqa: PTH208 - of no folder on a disk
        with suppress(OSError):
            places.append(os.readlink(f"/proc/self/fd/{each}"))  # noqa: PTH115
    return {place for place in places if place.endswith("/schedstat")}


def test_the_clocks_of_a_loop_stay_open_until_they_are_closed(clocks: ThreadClocks) -> None:
    me = threading.get_native_id()
    assert clocks.of_thread(me)
    assert clocks.of_thread(me)
    assert open_files() == {f"/proc/{os.getpid()}/task/{me}/schedstat"}
    clocks.close()
    assert not open_files()
    assert clocks.of_thread(me) is None


def test_a_recording_leaves_no_clock_open(tmp_path: Path) -> None:
    with FileRecording(tmp_path / "run.loopscope"):
        asyncio.run(asyncio.sleep(0))
        assert len(open_files()) == 1
    assert not open_files()


def test_of_many_threads_the_clocks_of_a_few_stay_open(clocks: ThreadClocks) -> None:
    done = threading.Event()
    threads = [threading.Thread(target=done.wait, args=(10,)) for _ in range(3 * MOST_KEPT_OPEN)]
    for thread in threads:
        thread.start()
    try:
        assert all(clocks.of_thread(thread.native_id or 0) for thread in threads)
        assert len(open_files()) == MOST_KEPT_OPEN
        assert all(clocks.of_thread(thread.native_id or 0) for thread in threads)
    finally:
        done.set()
        for thread in threads:
            thread.join()
        clocks.close()
    assert not open_files()


def test_a_program_that_closes_what_is_open_has_its_own_files_for_itself(
    clocks: ThreadClocks, tmp_path: Path
) -> None:
    me = threading.get_native_id()
    assert clocks.of_thread(me)
    (number,) = clocks._files._kept.values()
    os.close(number)
    own = os.open(tmp_path / "own", os.O_RDWR | os.O_CREAT)
    try:
        assert own == number
        os.write(own, b"not a clock")
        assert clocks.of_thread(me) is None
        clocks.close()
        os.lseek(own, 0, os.SEEK_SET)
        assert os.read(own, 100) == b"not a clock"
    finally:
        os.close(own)


ME = 7


class NoFiles(Files):
    """Files that are not there."""

    def read(self, path: bytes) -> bytes:
        return b""


class Clocks(ThreadClocks):
    """Clocks that are turned by hand."""

    def __init__(self) -> None:
        self.now: ThreadTime | None = ThreadTime(0, 0, 0)
        self.waits: dict[int, int] = {}
        super().__init__(NoFiles())

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


Watching = tuple[Recorder, VirtualClock]


@pytest.fixture
def watching() -> Iterator[Watching]:
    clock = VirtualClock()
    recorder = Recorder(clock=clock)
    watch = CollectionWatch(recorder)
    gc.disable()
    watch.begin()
    yield recorder, clock
    watch.end()
    gc.enable()
    before = list(gc.callbacks)
    watch.end()
    assert gc.callbacks == before


class Slow:
    """Takes its time to be collected."""

    def __init__(self, clock: VirtualClock, by_ns: int) -> None:
        self.itself = self
        self._clock = clock
        self._by_ns = by_ns

    def __del__(self) -> None:
        self._clock.move(self._by_ns)


def collected(recorder: Recorder) -> list[list[int]]:
    rows: list[list[int]] = table(recorder.take().events).tolist()
    return [row for row in rows if row[0] == Kind.COLLECTED]


def test_a_long_collection_is_a_row_and_a_short_one_is_not(watching: Watching) -> None:
    recorder, clock = watching
    gc.collect()
    assert collected(recorder) == []
    Slow(clock, WORTH_NOTING_NS)
    gc.collect()
    ((_, job, _, start_ns, end_ns, on_loop, _),) = collected(recorder)
    assert (job, on_loop) == (NOBODY, 0)
    assert end_ns - start_ns == WORTH_NOTING_NS + 1


def test_one_in_the_thread_of_a_loop_says_so(watching: Watching) -> None:
    recorder, clock = watching

    async def collect_here_and_there() -> None:
        for elsewhere in (False, True):
            Slow(clock, WORTH_NOTING_NS)
            if elsewhere:
                thread = threading.Thread(target=gc.collect)
                thread.start()
                thread.join()
            else:
                gc.collect()

    loop = RecordingLoop(recorder, VirtualSelector(clock))
    loop.run_until_complete(collect_here_and_there())
    loop.close()
    assert [row[5] for row in collected(recorder)] == [1, 0]
