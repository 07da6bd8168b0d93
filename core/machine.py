"""What this machine and its Python offer to a run."""

import os
import sys


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
