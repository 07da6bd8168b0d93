"""What a measuring process may take of the machine: its memory and its open files."""

import contextlib
import resource
from pathlib import Path

from core.patterns import PATTERNS
from core.spec.limits import LIMITS, default_pool_size
from core.spec.run_spec import RunSpec

MB = 1 << 20
USUAL_STACK_BYTES = 8 * MB
THREADS_BESIDE = 8
SHORT_FROM = 0.95
M_ARENA_MAX = -8
ADDRESS_SPACE = Path("/proc/self/statm")


def keep_within_limits(spec: RunSpec) -> None:
    """Bound the memory and the open files of this process, and of those that it starts.

    Address space is what the system bounds. Each thread reserves some for its stack and uses next
    to none of it, so the stacks of all threads that the run may have are allowed beside the limit.
    For a heap of its own it would reserve more; here all threads share one.
    The number of processes is bounded by the settings of pools, and for everybody together by
    turns: RLIMIT_NPROC counts all that a user runs on the machine.
    """
    if LIMITS.memory_mb is not None:
        _share_one_heap()
        _bound(resource.RLIMIT_AS, LIMITS.memory_mb * MB + _stacks_bytes(spec))
    _bound(resource.RLIMIT_NOFILE, LIMITS.open_files)


def allow_many_open_files() -> None:
    """Let this process, the server, open as many files as the system allows it.

    Usual are 1,024, unless it asks for more. A session takes four descriptors, and three of them
    until two minutes after its end; a run takes two.
    """
    _bound(resource.RLIMIT_NOFILE, None)


def memory_is_short() -> bool:
    """Return whether this process has next to no address space left; False where nobody knows.

    Past that, a program may fail anywhere, and take long to do so.
    """
    allowed, _hard = resource.getrlimit(resource.RLIMIT_AS)
    if allowed == resource.RLIM_INFINITY:
        return False
    try:
        pages = int(ADDRESS_SPACE.read_bytes().split()[0])
    except OSError:  # not on Linux
        return False
    return pages * resource.getpagesize() > allowed * SHORT_FROM


def _bound(kind: int, most: int | None) -> None:
    """Set a limit, as near to what is asked for as the system allows; None for all it allows."""
    _soft, hard = resource.getrlimit(kind)
    if most is None or (hard != resource.RLIM_INFINITY and most > hard):
        most = hard
    resource.setrlimit(kind, (most, most))


def _share_one_heap() -> None:
    """Let all threads allocate from one heap, where the C library is glibc.

    It gives threads up to eight heaps a processor, each of 64 MB of address space.
    Source: mallopt(3), M_ARENA_MAX; `HEAP_MAX_SIZE` in glibc's malloc/arena.c.
    """
    import ctypes  # noqa: PLC0415 - a child without limits starts without it

    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def _stacks_bytes(spec: RunSpec) -> int:
    own = spec.tasks if PATTERNS[spec.pattern].thread_per_job else 0
    threads = own + max(spec.pool_size or 0, default_pool_size()) + THREADS_BESIDE
    return threads * _stack_bytes()


def _stack_bytes() -> int:
    """Return how much a thread reserves.

    Source: pthread_create(3): RLIMIT_STACK, and 2 to 8 MB where that is unlimited.
    """
    soft, _hard = resource.getrlimit(resource.RLIMIT_STACK)
    return USUAL_STACK_BYTES if soft == resource.RLIM_INFINITY else soft
