"""How long the threads of a run waited for a processor while the machine had other work.

Source: proc(5), `/proc/stat`; the Linux kernel's `Documentation/scheduler/sched-stats.rst`,
`/proc/[pid]/schedstat`: time on a processor, and time spent waiting for one, in nanoseconds. The
run delay is in no library: psutil has the times of threads in hundredths of a second, without it.
"""

import contextlib
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
NS_PER_S = 1_000_000_000
OWN_SHARE = 0.9
"""A run that keeps so much of all processors busy makes its own threads wait."""
_BUSY = (1, 2, 3, 6, 7, 8)
"""Of the fields of `/proc/stat`: user, nice, system, irq, softirq, steal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineTime:
    """A reading: of each thread its time on a processor and its run delay, both so far, in ns.

    `busy_ns` is what all processors of the machine worked, for whomever.
    """

    threads: dict[int, tuple[int, int]]
    busy_ns: int
    at_ns: int


def read(at_ns: int, pids: Iterable[int] = (), *, but: Collection[int] = ()) -> MachineTime:
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


def disturbed_ns(before: MachineTime, after: MachineTime, of_ended_ns: int = 0) -> int:
    """Return how long threads waited for a processor, in sum, because of other work.

    They waited no longer than others worked meanwhile. Where a run has more to do than there are
    processors, its threads wait for one another.

    Args:
        before: A reading at the beginning.
        after: A reading at the end.
        of_ended_ns: How long threads waited that came and went between the two.
    """
    used_ns, delay_ns = 0, of_ended_ns
    for thread, (used, delay) in after.threads.items():
        used_before, delay_before = before.threads.get(thread, (0, 0))
        used_ns += used - used_before
        delay_ns += delay - delay_before
    all_ns = (after.at_ns - before.at_ns) * (os.cpu_count() or 1)
    if used_ns >= OWN_SHARE * all_ns:
        return 0
    others_ns = after.busy_ns - before.busy_ns - used_ns
    return max(0, min(delay_ns, others_ns))


def _threads(tasks: Path) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the threads of a process; one that ends meanwhile is not among them."""
    with contextlib.suppress(OSError):
        for name in os.listdir(tasks):  # noqa: PTH208 - half as long as making paths of them
            with contextlib.suppress(OSError):
                used, delay, _ = (tasks / name / "schedstat").read_bytes().split()
                yield int(name), (int(used), int(delay))


def _busy_ns() -> int:
    try:
        with (PROC / "stat").open("rb") as file:
            fields = file.readline().split()
    except OSError:
        return 0
    ticks = sum(int(fields[place]) for place in _BUSY)
    return ticks * NS_PER_S // os.sysconf("SC_CLK_TCK")
