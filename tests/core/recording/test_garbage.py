"""Garbage collections as rows."""

import gc
import threading
from collections.abc import Iterator

import pytest

from core.recording.events import NOBODY, Kind
from core.recording.garbage import WORTH_NOTING_NS, CollectionWatch
from core.recording.loop import RecordingLoop
from core.recording.recorder import Recorder
from tests.kit.virtual import VirtualClock, VirtualSelector, table

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
