"""How much memory this process has, and how much its worker processes have for themselves.

On Linux from `/proc`; elsewhere only the peak is known, and nothing of other processes. psutil
knows no more, cannot let the peak begin anew, and is nothing that a measuring child imports.
Source: proc(5), `/proc/[pid]/status`, `clear_refs` and `smaps_rollup`; getrusage(2).
"""

import contextlib
import os
import re
import resource
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from core.spec.limits import SERVER_COUNT

PROC, CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")
KIB = 1024
FORGET_PEAK = "5"
_KIB_OF = re.compile(r"^(\w+):\s+(\d+) kB$", re.MULTILINE)
_PRIVATE = ("Private_Clean", "Private_Dirty")


@cache
def allowed_bytes() -> float:
    """Return how much memory this process may take: the machine's, or less by a limit.

    Limits are those of the process (`ulimit -v`, `-d`) and of its container. Servers that share the
    machine, or the container, divide it. The number stays the same while this process lives.
    """
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
    """Return how much of this process is in memory now (RSS); elsewhere than on Linux its peak."""
    return _of_self("VmRSS")


def peak_bytes() -> int:
    """Return how much of this process was in memory at most since `forget_peak`, or its start."""
    return _of_self("VmHWM")


def forget_peak() -> None:
    """Let the peak begin with what is in memory now, where the system lets a process do so."""
    with contextlib.suppress(OSError):
        (PROC / "self" / "clear_refs").write_text(FORGET_PEAK)


def private_bytes(pids: Iterable[int]) -> int:
    """Return what some processes have for themselves and share with none (USS), in sum.

    A worker that is gone has nothing any more; elsewhere than on Linux nothing is known.
    """
    return sum(_private_bytes(pid) for pid in pids)


def _of_self(name: str) -> int:
    try:
        return _kib_in(PROC / "self" / "status")[name] * KIB
    except OSError:
        return _peak_by_usage()


def _peak_by_usage() -> int:
    """Return the peak as `getrusage` has it: in bytes on macOS, in KiB elsewhere."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIB


def _private_bytes(pid: int) -> int:
    try:
        found = _kib_in(PROC / str(pid) / "smaps_rollup")
    except OSError:
        return 0
    return sum(found[name] for name in _PRIVATE) * KIB


def _kib_in(path: Path) -> dict[str, int]:
    return {name: int(kib) for name, kib in _KIB_OF.findall(path.read_text(encoding="ascii"))}
