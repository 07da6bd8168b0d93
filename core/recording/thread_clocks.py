"""The clocks that Linux keeps of each thread: how long it ran, and how long it waited to run.

They are read without giving up the GIL, or a loop whose other threads calculate would wait for it
once more for each reading, and the recorder would make what it measures.
Source: the kernel's `Documentation/scheduler/sched-stats.rst`; clock_gettime(2) for the clocks of
other threads, whose numbers the kernel makes of the thread's own (`make_thread_cpuclock`).
"""

import contextlib
import platform
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ctypes: Any = None
if sys.platform == "linux":
    # here and not where it is used: a forked child would import it before each run
    with contextlib.suppress(ImportError):
        import ctypes

MAX_THREADS = 64
"""Of so many other threads the run delay is read; more would take the GIL for too long."""
CLOCK_OF_THREAD = 6
BYTES = 200
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

    def __init__(self, read_file: Callable[[bytes], bytes]) -> None:
        """Read files with a function that keeps the GIL."""
        self._read_file = read_file
        self.delays = self.all_delays()
        self.delay_of_ended_ns = 0

    def of_thread(self, thread: int) -> ThreadTime | None:
        """Return the clocks of a thread; None if it is gone."""
        delay_ns = self._delay_ns(thread)
        if delay_ns is None:
            return None
        try:
            cpu_ns = time.clock_gettime_ns(~thread << 3 | CLOCK_OF_THREAD)
        except OSError:
            return None
        return ThreadTime(cpu_ns, delay_ns, time.process_time_ns())

    def waits_in_call(self, thread: int) -> bool:
        """Return whether a thread waits in a call into the system other than a lock's.

        Whoever asks has the GIL. So a thread that waits for it is at a futex, as is one that waits
        for any lock; one that sleeps or reads is not.
        """
        fields = self._read_file(b"/proc/self/task/%d/syscall" % thread).split()
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
        fields = self._read_file(b"/proc/self/task/%d/schedstat" % thread).split()
        return int(fields[1]) if fields else None


def _threads() -> list[threading.Thread]:
    """Return the threads, the last one started last; `enumerate` would wait for a lock."""
    return list(threading._active.values())  # type: ignore[attr-defined]  # noqa: SLF001


def thread_clocks() -> ThreadClocks | None:
    """Return the clocks of this system's threads; None where it does not tell."""
    if sys.platform != "linux" or not Path("/proc/self/schedstat").exists():
        return None
    if ctypes is None:
        return None
    with contextlib.suppress(OSError, AttributeError):
        clocks = ThreadClocks(_reader())
        return clocks if clocks.of_thread(threading.get_native_id()) else None
    return None


def _reader() -> Callable[[bytes], bytes]:
    """Return what reads a small file at once; `PyDLL` calls C without giving up the GIL."""
    libc = ctypes.PyDLL(None)
    libc.read.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)
    libc.read.restype = ctypes.c_ssize_t
    libc.open.argtypes = (ctypes.c_char_p, ctypes.c_int)

    def read_file(path: bytes) -> bytes:
        file = libc.open(path, 0)
        if file < 0:
            return b""
        buffer = ctypes.create_string_buffer(BYTES)
        count = libc.read(file, buffer, BYTES)
        libc.close(file)
        data: bytes = buffer.raw[: max(0, count)]
        return data

    return read_file
