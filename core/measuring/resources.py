"""What a process takes of the machine: memory, processors, open files, and its limits on them.

A measuring child asks for itself and for its workers, on Linux by `/proc`. There psutil is of no
use: the child starts with the standard library alone, and psutil can neither let a peak begin anew
nor tell how long threads waited for a processor. macOS knows the peak of the process's own memory;
Windows the memory of each process, by psutil, and sets no limits. How long threads waited for a
processor is known on Linux alone: elsewhere a `MachineTime` has no threads.

Source: proc(5), `/proc/[pid]/status`, `smaps_rollup` and `/proc/stat`; getrusage(2); the Linux
kernel's Documentation/scheduler/sched-stats.rst, `/proc/[pid]/schedstat`: of a thread the time on a
processor and the time spent waiting for one, in nanoseconds.
"""

import contextlib
import faulthandler
import math
import os
import re
import signal
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.patterns import PATTERNS
from core.spec.bounds import bound
from core.spec.limits import LIMITS, SERVER_COUNT, default_pool_size
from core.spec.run_spec import RunSpec

if sys.platform != "win32":
    import resource
else:
    from core import processes

    resource: Any = None

MB = 1 << 20
KIB = 1024
NS_PER_S = 1_000_000_000
PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")
FORGET_PEAK = "5"
"""Source: proc(5), `/proc/[pid]/clear_refs`."""
USUAL_STACK_BYTES = 8 * MB
THREADS_BESIDE = 8
"""A reserve for the main thread, the link to the parent, and what pools and libraries start."""
# Where there is none left, Python fails anywhere, or spends milliseconds on each object. So a run
# is ended while there is some: a program that fills it at 300 MB/s takes 0.2 s, twenty looks.
ROOM_TO_SAY_BYTES = 64 * MB
"""Address space beyond the limit, in which a child says that it is met."""
# Source: glibc's malloc/malloc.h.
M_ARENA_MAX = -8
OWN_SHARE = 0.9
"""A run that keeps so much of all processors busy makes its own threads wait."""
STANDARD = 3
"""The standard streams are the descriptors below."""
_KIB_OF = re.compile(r"^(\w+):\s+(\d+) kB$", re.MULTILINE)
_PRIVATE = ("Private_Clean", "Private_Dirty")
_BUSY = (1, 2, 3, 6, 7, 8)
"""Of the fields of `/proc/stat`: user, nice, system, irq, softirq, steal."""


def end_by_itself_after(limit_s: float) -> None:
    """Let the system end this process after some seconds, whatever it does then.

    The parent ends a run that reaches its limit, and a child whose parent is gone ends itself; but
    one that spends the time in a call that keeps the GIL hears of nothing. An alarm that nobody
    handles needs no Python. It is not inherited by what this process forks. Windows has no alarms:
    there a thread of Python's faulthandler, which takes no GIL, waits and ends the process.
    """
    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, limit_s)
    else:
        # It writes where the threads are before it ends; the file must stay open, so it is leaked.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        faulthandler.dump_traceback_later(limit_s, file=nowhere, exit=True)


def keep_within_limits(spec: RunSpec) -> None:
    """Bound the memory and the open files of this process, and of those that it starts.

    Address space is what the system bounds. Each thread reserves some for its stack and uses next
    to none of it, so the stacks of all threads that the run may have are allowed beside the limit.
    For a heap of its own it would reserve more; here all threads share one.
    The number of processes is bounded by the settings of pools, and for everybody together by
    turns: RLIMIT_NPROC counts all that a user runs on the machine. Windows bounds none of it.
    """
    if sys.platform == "win32":
        return
    if LIMITS.memory_mb is not None:
        _share_one_heap()
        most = LIMITS.memory_mb * MB + _stacks_bytes(spec)
        bound(resource.RLIMIT_AS, most + ROOM_TO_SAY_BYTES)
    bound(resource.RLIMIT_NOFILE, LIMITS.open_files)


def bound_program(
    *, memory_mb: int | None, threads: int, open_files: int | None, file_mb: int, cpu_s: float
) -> None:
    """Bound what somebody's program takes, before this process becomes it; as `keep_within_limits`.

    Args:
        memory_mb: Address space without stacks; None leaves it open.
        threads: For how many threads' stacks there is room in addition.
        open_files: Descriptors; None for as many as the system allows.
        file_mb: The size of a file that it writes.
        cpu_s: Processor time, in seconds, of each process, after which the system ends it.
    """
    if sys.platform == "win32":
        return
    if memory_mb is not None:
        bound(resource.RLIMIT_AS, memory_mb * MB + (threads + THREADS_BESIDE) * _stack_bytes())
    bound(resource.RLIMIT_NOFILE, open_files)
    bound(resource.RLIMIT_FSIZE, file_mb * MB)
    bound(resource.RLIMIT_CPU, math.ceil(cpu_s))
    bound(resource.RLIMIT_CORE, 0)


def memory_is_short(pid: int | None = None) -> bool:
    """Return whether a process has met its limit of memory; False where nobody knows.

    Args:
        pid: The process; None for this one. One that has ended lacks nothing.
    """
    if sys.platform != "linux":
        return False
    try:
        allowed, _hard = resource.prlimit(pid or 0, resource.RLIMIT_AS)
        if allowed == resource.RLIM_INFINITY:
            return False
        # Asked a hundred times a second: the first of seven numbers, in one read.
        pages = int((PROC / str(pid or "self") / "statm").read_bytes().split()[0])
    except OSError:
        return False
    return pages * resource.getpagesize() > allowed - ROOM_TO_SAY_BYTES


def _share_one_heap() -> None:
    """Let all threads allocate from one heap, where the C library is glibc.

    It gives threads up to eight heaps a processor, each of 64 MB of address space.
    Source: mallopt(3), M_ARENA_MAX; `HEAP_MAX_SIZE` in glibc's malloc/arena.c.
    """
    import ctypes  # noqa: PLC0415 - a child without limits starts without it

    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def _stacks_bytes(spec: RunSpec) -> int:
    pattern = PATTERNS[spec.pattern]
    # On Python 3.11 a thread of asyncio waits for each child process.
    own = spec.tasks if pattern.thread_per_job or pattern.process_per_job else 0
    threads = own + max(spec.pool_size or 0, default_pool_size()) + THREADS_BESIDE
    return threads * _stack_bytes()


def _stack_bytes() -> int:
    """Return how much a thread reserves.

    Source: pthread_create(3): RLIMIT_STACK, and 2 to 8 MB where that is unlimited.
    """
    # glibc reads the limit once, as the program starts, and so does not see a later change.
    soft, _hard = resource.getrlimit(resource.RLIMIT_STACK)
    return USUAL_STACK_BYTES if soft == resource.RLIM_INFINITY else soft


@cache
def allowed_bytes() -> float:
    """Return how much memory this process may take: the machine's, or less by a limit.

    Limits are those of the process (`ulimit -v`, `-d`) and of its container. Servers that share the
    machine, or the container, divide it. The number stays the same while this process lives.
    """
    if sys.platform == "win32":
        return processes.machine_bytes() / SERVER_COUNT
    limits = [resource.getrlimit(each)[0] for each in (resource.RLIMIT_AS, resource.RLIMIT_DATA)]
    of_process = [float(limit) for limit in limits if limit != resource.RLIM_INFINITY]
    machine = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return min([min(machine, allowed_in(CGROUPS)) / SERVER_COUNT, *of_process])


def allowed_in(cgroups: Path) -> float:
    """Return how much memory a control group may take; infinity where nothing limits it.

    Source: Linux kernel, Documentation/admin-guide/cgroup-v2.rst, `memory.max`; in the first
    version `memory.limit_in_bytes` in cgroup-v1/memory.rst.
    """
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):  # no such file, or `max`
            return float(int((cgroups / name).read_text(encoding="ascii")))
    return float("inf")


def resident_bytes() -> int:
    """Return how much of this process is in memory now (RSS); on macOS its peak."""
    if sys.platform == "win32":
        return processes.resident_bytes(os.getpid())
    return _of_self("VmRSS")


def peak_bytes() -> int:
    """Return how much of this process was in memory at most since `forget_peak`, or its start.

    It is 0 where the system does not say.
    """
    if sys.platform == "win32":
        return processes.peak_bytes(os.getpid())
    return _of_self("VmHWM")


def forget_peak() -> int:
    """Let the peak begin with what is in memory now, and return that.

    Where the system lets no process do so, the peak so far is returned: what a run takes beyond it
    is all that can be known.
    """
    if sys.platform != "linux":
        return peak_bytes()
    with contextlib.suppress(OSError):
        (PROC / "self" / "clear_refs").write_text(FORGET_PEAK, encoding="ascii")
    return resident_bytes()


def private_bytes(pids: Iterable[int]) -> int:
    """Return what some processes have for themselves and share with none (USS), in sum.

    A worker that is gone has nothing any more; on macOS nothing is known of another process.
    """
    return sum(_private_bytes(pid) for pid in pids)


def _of_self(name: str) -> int:
    try:
        return _kib_in(PROC / "self" / "status")[name] * KIB
    except OSError:
        return _peak_by_usage()


def _peak_by_usage() -> int:
    """Return the peak as `getrusage` has it: in bytes on macOS, in KiB elsewhere."""
    peak: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIB


def _private_bytes(pid: int) -> int:
    if sys.platform == "win32":
        return processes.private_bytes(pid)
    try:
        found = _kib_in(PROC / str(pid) / "smaps_rollup")
    except OSError:
        return 0
    return sum(found[name] for name in _PRIVATE) * KIB


def _kib_in(path: Path) -> dict[str, int]:
    return {name: int(kib) for name, kib in _KIB_OF.findall(path.read_text(encoding="ascii"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineTime:
    """A reading: of each thread its time on a processor and its run delay, both so far, in ns.

    `busy_ns` is what all processors of the machine worked, for whomever.
    """

    threads: dict[int, tuple[int, int]]
    busy_ns: int
    at_ns: int


def machine_time(at_ns: int, pids: Iterable[int] = (), *, but: Collection[int] = ()) -> MachineTime:
    """Return how things stand for this process and some others; nothing where it is not known.

    Args:
        at_ns: The time now.
        pids: Worker processes.
        but: Threads that do not count.
    """
    threads = {
        thread: times
        for process in ("self", *map(str, pids))
        for thread, times in _threads(PROC / process / "task")
        if thread not in but
    }
    return MachineTime(threads=threads, busy_ns=_busy_ns(), at_ns=at_ns)


def disturbed_ns(before: MachineTime, after: MachineTime, of_ended_ns: int = 0) -> int | None:
    """Return how long threads waited for a processor, in sum, because of other work.

    It is None where the system does not say how long any thread waited.

    They waited no longer than others worked meanwhile. Where a run has more to do than there are
    processors, its threads wait for one another.

    Args:
        before: A reading at the beginning.
        after: A reading at the end.
        of_ended_ns: How long threads waited that came and went between the two.
    """
    if not after.threads:
        return None
    used_ns, delay_ns = 0, of_ended_ns
    for thread, (used, delay) in after.threads.items():
        used_before, delay_before = before.threads.get(thread, (0, 0))
        used_ns += used - used_before
        delay_ns += delay - delay_before
    all_ns = (after.at_ns - before.at_ns) * (os.cpu_count() or 1)
    if used_ns >= OWN_SHARE * all_ns:
        return 0
    # Threads of a run also wait for one another: others are to blame for no more than they worked.
    others_ns = after.busy_ns - before.busy_ns - used_ns
    return max(0, min(delay_ns, others_ns))


def _threads(tasks: Path) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the threads of a process; one that ends meanwhile is not among them."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError):
        for name in os.listdir(tasks):  # noqa: PTH208 - half as long as making paths of them
            with contextlib.suppress(OSError):
                used, delay, _ = (tasks / name / "schedstat").read_bytes().split()
                yield int(name), (int(used), int(delay))


def _busy_ns() -> int:
    if sys.platform == "win32":
        return 0
    try:
        with (PROC / "stat").open("rb") as file:
            fields = file.readline().split()
    except OSError:
        return 0
    ticks = sum(int(fields[place]) for place in _BUSY)
    return ticks * NS_PER_S // os.sysconf("SC_CLK_TCK")


def pipe() -> tuple[int, int]:
    """Return the ends of a pipe, to read from and to write to.

    Raises:
        OSError: If this process may open no more files.
    """
    reading, writing = os.pipe()
    return above_standard(reading), above_standard(writing)


def above_standard(descriptor: int) -> int:
    """Return a descriptor of the same file that no standard stream has, and close the one given.

    A program whose standard input is closed, as under a supervisor, gets 0 for the next file that
    it opens. A child cannot take such a number over: its own standard streams are put there
    (`child_exec` in CPython's `Modules/_posixsubprocess.c` heeds that of the streams alone).
    """
    # `dup` gives the lowest number that is free (POSIX), so those passed over are held meanwhile.
    passed_over = []
    while descriptor < STANDARD:
        passed_over.append(descriptor)
        descriptor = os.dup(descriptor)
    for each in passed_over:
        os.close(each)
    return descriptor


def occupy_standard_streams() -> None:
    """Let no file that is opened from here on get the number of a standard stream.

    One that is closed refuses to be read or written, as before.
    """
    for wanted in range(STANDARD):
        try:
            os.fstat(wanted)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if wanted == 0 else os.O_RDONLY)
