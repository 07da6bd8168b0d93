"""What this machine and its Python offer to a run."""

import multiprocessing
import os
import sys
from functools import cache
from pathlib import Path

from core.spec.limits import SERVER_COUNT

CGROUPS = Path("/sys/fs/cgroup")


def default_pool_size() -> int:
    """Return how many threads the loop's default pool may have on this machine.

    Source: `concurrent.futures.ThreadPoolExecutor`, argument `max_workers`.
    """
    return min(32, cpu_count() + 4)


def has_gil() -> bool:
    """Return whether this interpreter runs Python code of one thread at a time only."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def cpu_count() -> int:
    """Return how many processors this process may use, as Python's own pools count them."""
    usable = getattr(os, "process_cpu_count", os.cpu_count)
    return usable() or 1


def default_process_count() -> int:
    """Return how many workers a pool of processes has unless somebody chooses: our processors.

    Where several servers share this machine, each counts its part of them.
    """
    return max(1, cpu_count() // SERVER_COUNT)


@cache
def processors() -> float:
    """Return how many processors' time this server may use: fewer, or a fraction, in a container.

    Servers that share this machine divide it. The number stays the same while this process lives.
    """
    return min(float(cpu_count()), quota_in(CGROUPS)) / SERVER_COUNT


def quota_in(cgroups: Path) -> float:
    """Return how many processors' time a control group may use; infinity where nothing limits it.

    Source: Linux kernel, Documentation/admin-guide/cgroup-v2.rst, `cpu.max`; in the first version
    `cpu.cfs_quota_us` and `cpu.cfs_period_us` in scheduler/sched-bwc.rst.
    """
    for names in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        try:
            words = " ".join((cgroups / name).read_text(encoding="ascii") for name in names)
            quota_us, period_us = map(int, words.split())
        except (OSError, ValueError):  # no such file, or `max`
            continue
        if quota_us > 0 and period_us > 0:
            return quota_us / period_us
    return float("inf")


class NoSharedMemory(Exception):
    """Processes cannot share semaphores on this machine; on Linux these live in /dev/shm."""

    def __init__(self, reason: OSError) -> None:
        """Say why in the system's words, and what to do."""
        super().__init__(
            f"processes share semaphores in /dev/shm, which cannot be used here ({reason.strerror})"
            "; mount it, or choose another executor"
        )


def refuse_without_semaphores() -> None:
    """Try to share a semaphore, as every pool of processes does.

    Raises:
        NoSharedMemory: If that fails.
    """
    try:
        multiprocessing.Lock()
    except OSError as error:
        raise NoSharedMemory(error) from error
