"""The limits: how much may be asked for, used and stored; the operator of a server can set each.

`LOOPSCOPE_PROFILE` chooses a set: `laptop`, where the one who asks owns the machine, or `hosted`,
where many strangers share it. `LOOPSCOPE_LIMIT_` and the name of a limit in capitals sets that
one, for example `LOOPSCOPE_LIMIT_TASKS=5000`; for one that may be None, `none` switches it off.
Streamlit puts what stands at the top of `.streamlit/secrets.toml` into the environment, so it
works there, too.

`LOOPSCOPE_SERVERS` says how many servers share this machine. What limits all of a server's visitors
together is given for the machine, and each server takes its share.

Below stands what a machine and its Python offer to a run, which no operator sets: processors, or a
container's share of them, the size of Python's pools, and semaphores that processes share.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

from core.errors import BadValue, check_one_of
from core.text.language import Text, lazy

PROFILE = "LOOPSCOPE_PROFILE"
PREFIX = "LOOPSCOPE_LIMIT_"
SWITCHED_OFF = "none"
SERVERS = "LOOPSCOPE_SERVERS"
MOST_SERVERS = 64
LONGEST = len(str(MOST_SERVERS))
SHARED = ("processes", "dask_workers", "children", "waiting", "kept_mb")
"""The limits that servers of one machine divide: what keeps its processors and its memory busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be asked for at once, taken by a run, and used by all of them together.

    Attributes:
        runs: Runs in a comparison.
        tasks: Jobs in a run.
        threads_without_pool: Jobs in a run that gives each a thread of its own.
        sleep_s: Seconds that a job sleeps.
        threads: Threads in a pool.
        processes: Processes in a pool, and child processes that a pattern starts.
        dask_workers: Workers of a Dask cluster.
        connections: Connections that a run opens.
        ideal_wall_s: Seconds that a run would take at best.
        events: Rows that a run records; past these only beginnings and ends of jobs are recorded.
        memory_mb: Address space of each measuring process without its threads' stacks (RLIMIT_AS);
            None leaves it open.
        open_files: Descriptors of each measuring process (RLIMIT_NOFILE); None for as many as the
            system allows.
        upload_mb: The size of a file that is uploaded.
        children: Measuring processes and their workers, of everybody together.
        waiting: Batches of runs that wait for their turn, of everybody together.
        kept_mb: What finished runs may take of the server's memory before the oldest are evicted.
    """

    runs: int = 32
    tasks: int = 100_000
    threads_without_pool: int = 10_000
    sleep_s: float = 60.0
    threads: int = 256
    # Windows waits for 63 handles at most, two of which a pool needs for itself (CPython 3.11).
    processes: int = 61 if sys.platform == "win32" else 64
    dask_workers: int = 16
    connections: int = 1_000
    ideal_wall_s: float = 60.0
    events: int = 5_000_000
    memory_mb: int | None = None
    open_files: int | None = None
    upload_mb: int = 32
    children: int = 512
    waiting: int = 1_000
    kept_mb: int = 1_024

    def why(self, name: str, otherwise: Text) -> Text:
        """Return the clause that gives the reason for a limit: the operator's will, or its own."""
        most = getattr(self, name)
        if most == getattr(LIMITS, name) != getattr(LAPTOP, name):
            return lazy("as the operator of this server has set it")
        return otherwise


LAPTOP = Limits()
HOSTED = Limits(
    runs=12,
    tasks=10_000,
    threads_without_pool=500,
    sleep_s=10.0,
    threads=64,
    processes=4,
    dask_workers=4,
    connections=100,
    ideal_wall_s=20.0,
    events=500_000,
    memory_mb=1_024,
    open_files=4_096,
    upload_mb=10,
    children=128,
    waiting=500,
    kept_mb=256,
)
LAPTOP_NAME = "laptop"
PROFILES = {LAPTOP_NAME: LAPTOP, "hosted": HOSTED}


def limits_from(environment: Mapping[str, str]) -> Limits:
    """Return the limits that environment variables ask for.

    Raises:
        BadValue: For a profile or a limit that there is not, and a value that is no number.
    """
    servers = servers_from(environment)
    profile = environment.get(PROFILE) or LAPTOP_NAME
    limits = PROFILES[check_one_of(PROFILE, profile, tuple(PROFILES))]
    known = {field.name: str(field.type) for field in fields(Limits)}
    given = {
        name.removeprefix(PREFIX).lower(): text
        for name, text in environment.items()
        if name.startswith(PREFIX)
    }
    for name in given:
        check_one_of(PREFIX.rstrip("_"), name, tuple(known))
    values = {name: _number(name, text, known[name]) for name, text in given.items()}
    return _share_of(replace(limits, **values), servers)  # type: ignore[arg-type]


def servers_from(environment: Mapping[str, str]) -> int:
    """Return among how many servers this machine is divided; one has all of it.

    Raises:
        BadValue: For anything but a whole number from 1 to `MOST_SERVERS`.
    """
    text = environment.get(SERVERS) or "1"
    # `int` alone would also take signs, spaces, underscores and digits of other scripts, and
    # raises an error of its own above 4,300 digits (CPython 3.11).
    count = int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else 0
    if not 1 <= count <= MOST_SERVERS:
        allowed = lazy("it must be a whole number from 1 to {most}", most=MOST_SERVERS)
        raise BadValue(SERVERS, text, allowed)
    return count


def _share_of(limits: Limits, servers: int) -> Limits:
    """Return what one of several servers may take, rounded down, and at least 1 of everything."""
    return replace(limits, **{name: max(1, getattr(limits, name) // servers) for name in SHARED})


def _number(name: str, text: str, kind: str) -> float | None:
    if "None" in kind and text.lower() == SWITCHED_OFF:
        return None
    try:
        number = float(text) if "float" in kind else int(text)
    except ValueError:
        number = 0
    if not 0 < number < float("inf"):
        allowed = (
            lazy("it must be a number of seconds above 0")
            if "float" in kind
            else lazy("it must be a whole number above 0")
        )
        raise BadValue(PREFIX + name.upper(), text, allowed)
    return number


SERVER_COUNT = servers_from(os.environ)
LIMITS = limits_from(os.environ)


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
