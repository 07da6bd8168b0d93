"""The turns of a loop, and what its thread did in those that took long."""

import threading
from collections.abc import Callable
from typing import Any

from .events import KIND_BITS, Kind, pack_row
from .recorder import Recorder
from .thread_clocks import ThreadClocks, ThreadTime

LONG_NS = 8_000_000
"""A little less than what is drawn as blocking."""
FRESH_NS = 4_000_000
"""A reading is used for so long: a loop that never waits pays for one each four milliseconds."""

Select = Callable[[float | None], Any]


class Turns:
    """Reads the clocks of a loop's thread between its turns, and records those that took long.

    A turn begins where `select` comes back and ends where it is called. Short turns are taken
    together, so that a loop of many pays for few readings.

    Attributes:
        began_ns: When the clocks were last read at the beginning of a turn.
    """

    def __init__(self, recorder: Recorder, clocks: ThreadClocks, lane: int) -> None:
        self.began_ns = recorder.clock() - FRESH_NS
        self._recorder = recorder
        self._clock = recorder.clock
        self._clocks = clocks
        self._kind = lane << KIND_BITS | Kind.TURN
        self._thread = 0
        self._then: ThreadTime | None = None
        self._delays_then: dict[int, int] = {}

    def watched(self, select: Select) -> Select:
        """Return what selects and reads the clocks where need be.

        Whoever does not wait has not ended his turn, so one look at the clock will do.
        """
        clock = self._clock

        def select_and_read(timeout: float | None = None) -> Any:
            waits = timeout is None or timeout > 0
            if waits and clock() - self.began_ns >= LONG_NS:
                self._end()
            ready = select(timeout)
            lasted_ns = clock() - self.began_ns
            if lasted_ns >= FRESH_NS:
                if lasted_ns >= LONG_NS and not waits:
                    self._end()
                self._begin()
            return ready

        return select_and_read

    def _end(self) -> None:
        try:
            self.record()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._recorder.give_up(error)

    def _begin(self) -> None:
        try:
            self._read()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._recorder.give_up(error)

    def _read(self) -> None:
        self._thread = threading.get_native_id()
        self._then = self._clocks.of_thread(self._thread)
        self._delays_then = self._clocks.delays
        self.began_ns = self._clock()

    def record(self) -> None:
        """Record what the thread has done since the turn began."""
        row = self.row()
        if row:
            self._recorder.write(row)

    def waits_in_call(self) -> bool:
        """Return whether the loop's thread waits in a call now, and not for a lock."""
        return self._then is not None and self._clocks.waits_in_call(self._thread)

    def row(self) -> bytes:
        """Return what the thread has done since the turn began, as a row; any thread may ask."""
        then, thread = self._then, self._thread
        now = None if then is None else self._clocks.of_thread(thread)
        if then is None or now is None:
            return b""
        cpu_ns, delay_ns, process_ns = (new - old for new, old in zip(now, then, strict=True))
        before = self._delays_then
        others_delay_ns = sum(
            delay - before.get(each, 0)
            for each, delay in self._clocks.all_delays().items()
            if each != thread
        )
        return pack_row(
            self._kind,
            max(0, others_delay_ns),
            cpu_ns,
            self.began_ns,
            self._clock(),
            delay_ns,
            max(0, process_ns - cpu_ns),
        )


def watched_turns(loop: Any, recorder: Recorder) -> Turns | None:
    """Read the clocks of a loop's thread between its turns from now on, where there are any.

    Its selector gets another `select`, as an attribute of its own. One without room for attributes
    is left as it is.
    """
    clocks, selector = recorder.thread_clocks, getattr(loop, "_selector", None)
    if clocks is None or selector is None:
        return None
    turns = Turns(recorder, clocks, loop.lane)
    try:
        selector.select = turns.watched(selector.select)
    except AttributeError:
        return None
    return turns
