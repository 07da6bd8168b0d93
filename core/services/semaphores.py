"""Semaphores that processes share: pools of processes need them, and not every machine has them."""

import multiprocessing


class NoSharedMemory(Exception):
    """Processes cannot share semaphores on this machine; on Linux these live in /dev/shm."""

    def __init__(self, reason: OSError) -> None:
        """Say why in the system's words, and what to do."""
        super().__init__(
            f"processes share semaphores in /dev/shm, which cannot be used here ({reason.strerror})"
            "; mount it, or choose another executor"
        )


def refuse_without() -> None:
    """Try to make one.

    Raises:
        NoSharedMemory: If that fails.
    """
    try:
        multiprocessing.Lock()
    except OSError as error:
        raise NoSharedMemory(error) from error
