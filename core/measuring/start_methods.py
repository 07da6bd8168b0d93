"""What multiprocessing keeps beside its workers: a fork server, a resource tracker, a folder.

An interpreter that ends in good order puts them away. A measuring child ends by `os._exit`, and
then its group is killed: semaphores and the folder would stay on the machine for ever.
"""

import multiprocessing
import shutil
import sys
import threading
from multiprocessing.process import current_process

END_LIMIT_S = 1.0


def end_what_starts_workers() -> None:
    """End the workers that are left, and what multiprocessing has started to start them.

    Since Python 3.14 a pool on Linux has a fork server unless it asks for `fork`; with one, and
    with `spawn`, a resource tracker removes what nobody uses any more, semaphores above all. Each
    ends when those before it have. What does not end within a second is left to the parent.
    """
    ending = threading.Thread(target=_end_in_order, name="end of workers", daemon=True)
    ending.start()
    ending.join(END_LIMIT_S)


def _end_in_order() -> None:
    workers = multiprocessing.active_children()
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.join()
    for module, variable in (
        ("multiprocessing.forkserver", "_forkserver"),
        ("multiprocessing.resource_tracker", "_resource_tracker"),
    ):
        if module in sys.modules:
            getattr(sys.modules[module], variable)._stop()  # noqa: SLF001 - it has no public end
    folder = current_process()._config.get("tempdir")  # type: ignore[attr-defined]  # noqa: SLF001
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
