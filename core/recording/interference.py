"""What holds up a loop's thread besides its own steps: other threads, processors and collections.

The clocks that Linux keeps of each thread, how long it ran and how long it waited to run, are read
without giving up the GIL, or a loop whose other threads calculate would wait for it once more for
each reading, and the recorder would make what it measures.
Source: the kernel's `Documentation/scheduler/sched-stats.rst`; clock_gettime(2) for the clocks of
other threads, whose numbers the kernel makes of the thread's own (`make_thread_cpuclock`).
"""

import contextlib
import gc
import os
import platform
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from .events import KIND_BITS, NOBODY, Kind, pack_row
from .recorder import Recorder

ctypes: Any = None
FOR_THIS_PROCESS_ALONE = 0
if sys.platform == "linux":
    FOR_THIS_PROCESS_ALONE = os.O_CLOEXEC
    # here and not where it is used: a forked child would import it before each run
    with contextlib.suppress(ImportError):
        import ctypes

MAX_THREADS = 64
"""The limit of other threads whose run delay is read; more would take the GIL for too long."""
# CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_SCHED, as the kernel calls it
CLOCK_OF_THREAD = 6
_SCHEDULE = b"/proc/self/task/%d/schedstat"
FIELDS_OF_A_SCHEDULE = 3
MOST_KEPT_OPEN = 4
# The longest is `syscall`: nine numbers, of at most 18 characters each.
BYTES = 200
# The number of the system call, by which a lock of Python waits; None is known of others.
_FUTEX = {"x86_64": b"202", "aarch64": b"98"}.get(platform.machine())


class ThreadTime(NamedTuple):
    """How long a thread has run, and how long it could have but had no processor, in ns."""

    cpu_ns: int
    delay_ns: int
    process_ns: int
    """How long all threads of the process have run."""


class ThreadClocks:
    """Reads the clocks of this process's threads, by the system's numbers of them.

    Attributes:
        delays: The run delay of each thread as the watch last read it.
        delay_of_ended_ns: That of threads which have ended since, as it was last read.
    """

    def __init__(self, files: "Files") -> None:
        """Read files with what keeps the GIL."""
        self._files = files
        self._is_over = False
        self.delays = self.all_delays()
        self.delay_of_ended_ns = 0

    def close(self) -> None:
        """Read nothing any more, and leave no file open."""
        self._is_over = True
        self._files.close()

    def of_thread(self, thread: int) -> ThreadTime | None:
        """Return the clocks of a thread; None if it is gone, or the recording is over."""
        if self._is_over or sys.platform != "linux":
            return None
        delay_ns = _delay_in(self._files.read_again(_SCHEDULE % thread))
        if delay_ns is None:
            return None
        try:
            # Within the GIL: `clock_gettime` of Python does not give it up.
            cpu_ns = time.clock_gettime_ns(~thread << 3 | CLOCK_OF_THREAD)
        except OSError:
            return None
        return ThreadTime(cpu_ns, delay_ns, time.process_time_ns())

    def waits_in_call(self, thread: int) -> bool:
        """Return whether a thread waits in a call into the system other than a lock's.

        Whoever asks has the GIL. So a thread that waits for it is at a futex, as is one that waits
        for any lock; one that sleeps or reads is not.
        """
        fields = self._files.read(b"/proc/self/task/%d/syscall" % thread).split()
        return bool(fields) and _FUTEX is not None and fields[0] not in (b"running", b"-1", _FUTEX)

    def read_delays(self) -> None:
        """Read the run delay of each thread; for the watch, which does so again and again."""
        alive = {each.native_id for each in _threads()}
        self.delay_of_ended_ns += sum(
            delay_ns for thread, delay_ns in self.delays.items() if thread not in alive
        )
        self.delays = self.all_delays()

    def all_delays(self) -> dict[int, int]:
        """Return the run delay of each thread that Python knows, up to `MAX_THREADS`."""
        delays = {}
        for each in _threads()[-MAX_THREADS:]:
            if each.native_id and (delay_ns := self._delay_ns(each.native_id)) is not None:
                delays[each.native_id] = delay_ns
        return delays

    def _delay_ns(self, thread: int) -> int | None:
        return _delay_in(self._files.read(_SCHEDULE % thread))


def _delay_in(schedule: bytes) -> int | None:
    """Return the run delay that a file of a thread says; None of anything else."""
    fields = schedule.split()
    is_one = len(fields) == FIELDS_OF_A_SCHEDULE and fields[1].isdigit()
    return int(fields[1]) if is_one else None


def _threads() -> list[threading.Thread]:
    """Return the threads, the last one started last; `enumerate` would wait for a lock."""
    return list(threading._active.values())  # type: ignore[attr-defined]  # noqa: SLF001


def thread_clocks() -> ThreadClocks | None:
    """Return the clocks of this system's threads; None where it has none."""
    if sys.platform != "linux" or not Path("/proc/self/schedstat").exists():
        return None
    if ctypes is None:
        return None
    with contextlib.suppress(OSError, AttributeError):
        clocks = ThreadClocks(Files())
        return clocks if clocks.of_thread(threading.get_native_id()) else None
    return None


class Files:
    """Reads small files of the system at once; `PyDLL` calls C without giving up the GIL.

    Some stay open: to open one of `/proc` and read it takes ten times as long as to read it again,
    and a loop does that each time that it has waited, with a request at hand. A program may close
    whatever is open, as daemons do, and open a file of its own under that number. So what is read
    is looked at, as is what is closed.
    """

    def __init__(self) -> None:
        libc = ctypes.PyDLL(None)
        self._open, self._close, self._pread = libc.open, libc.close, libc.pread
        self._open.argtypes = (ctypes.c_char_p, ctypes.c_int)
        self._pread.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long)
        self._pread.restype = ctypes.c_ssize_t
        self._buffer = ctypes.c_char * BYTES
        self._kept: dict[bytes, int] = {}

    def read(self, path: bytes) -> bytes:
        """Return what is in a file; nothing if it cannot be read."""
        file = self._open(path, FOR_THIS_PROCESS_ALONE)
        if file < 0:
            return b""
        data = self._read(file)
        self._close(file)
        return data

    def read_again(self, path: bytes) -> bytes:
        """Return the same of a file that stays open, as one of the last few."""
        file = self._kept.get(path)
        if file is None:
            file = self._open(path, FOR_THIS_PROCESS_ALONE)
            if file < 0:
                return b""
            self._kept[path] = file
            if len(self._kept) > MOST_KEPT_OPEN:
                self._forget(next(iter(self._kept)))
        data = self._read(file)
        if not data:
            self._forget(path)
        return data

    def close(self) -> None:
        """Leave no file open."""
        for path in list(self._kept):
            self._forget(path)

    def _read(self, file: int) -> bytes:
        buffer = self._buffer()  # a new one for each: other threads read, too
        count = self._pread(file, buffer, BYTES, 0)
        data: bytes = buffer[: max(0, count)]
        return data

    def _forget(self, path: bytes) -> None:
        file = self._kept.pop(path, -1)
        with contextlib.suppress(OSError):
            place = os.readlink(f"/proc/self/fd/{file}")  # noqa: PTH115 - of no file on a disk
            if place.endswith(os.fsdecode(path).removeprefix("/proc/self")):
                self._close(file)


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
        # so that the loop's first turn reads the clocks
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
            # A loop that waits has nothing ready: its turn ends before the wait, or that would
            # count.
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

    def before_wait(self, *, waits: bool) -> None:
        """End a turn that took long; for a loop that calls this itself before it selects."""
        if waits and self._clock() - self.began_ns >= LONG_NS:
            self._end()

    def after_wait(self, *, waits: bool) -> None:
        """Begin a turn, after such a loop has selected."""
        lasted_ns = self._clock() - self.began_ns
        if lasted_ns >= FRESH_NS:
            if lasted_ns >= LONG_NS and not waits:
                self._end()
            self._begin()

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
        # Of the other threads what the watch has read last: to read them all at each beginning
        # would hold the GIL for too long.
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


def turns_of(lane: int, recorder: Recorder) -> Turns | None:
    """Return what reads the clocks of a loop's thread between its turns, where there are any."""
    clocks = recorder.thread_clocks
    return None if clocks is None else Turns(recorder, clocks, lane)


def watched_turns(loop: Any, recorder: Recorder) -> Turns | None:
    """Read the clocks of a loop's thread between its turns from now on, where there are any.

    Its selector gets another `select`, as an attribute of its own. One without room for attributes
    is left as it is.
    """
    turns, selector = turns_of(loop.lane, recorder), getattr(loop, "_selector", None)
    if turns is None or selector is None:
        return None
    # An attribute of this one selector. A method of the loop would stand in every traceback, and a
    # class of selectors is shared with loops that are not recorded.
    try:
        selector.select = turns.watched(selector.select)
    except AttributeError:
        return None
    return turns


WORTH_NOTING_NS = 1_000_000


class CollectionWatch:
    """Records collections of a millisecond or more, while it is among `gc.callbacks`.

    Python collects in whatever thread has made the object that was one too many, and has the GIL
    meanwhile.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._began_ns = 0

    def begin(self) -> None:
        """Note collections from now on."""
        gc.callbacks.append(self._note)

    def end(self) -> None:
        """Note no more of them."""
        if self._note in gc.callbacks:
            gc.callbacks.remove(self._note)

    def _note(self, phase: str, info: dict[str, int]) -> None:  # noqa: ARG002 - as gc calls it
        now_ns = self._recorder.clock()
        # Both phases are called in the thread that collects, and no two collections overlap.
        if phase == "start":
            self._began_ns = now_ns
        elif now_ns - self._began_ns >= WORTH_NOTING_NS:
            thread = threading.get_ident()
            on_loop = any(loop.thread == thread for loop in list(self._recorder.loops))
            self._recorder.append(
                (Kind.COLLECTED, NOBODY, 0, self._began_ns, now_ns, int(on_loop), NOBODY)
            )
