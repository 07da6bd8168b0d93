"""A child process of a recorded program: its recording begins with its first event loop.

One that runs no loop, neither of asyncio nor of trio, leaves no file, and imports nothing of them
that it would not import.
"""

import os
import sys
from contextlib import suppress

from .children import follow
from .family import Claim, Family
from .first_loop import FirstLoop


def watch(text: str) -> None:
    """Record this process from its first loop on, and let its children be recorded."""
    family = Family.of_text(text)
    follow(family)
    record_first_loop(family)


def record_first_loop(family: Family) -> None:
    """Record this process, or the copy that it is, from its first loop on."""
    pid = os.getpid()

    def begin() -> None:
        # A process that waits for its first loop may fork meanwhile: then its copies wait, too.
        is_copy = os.getpid() != pid
        _begin(family._replace(parent_pid=os.getppid()) if is_copy else family)

    FirstLoop(begin)


def copied(family: Family) -> None:
    """Record this process, which is a copy of a recorded one, from its first loop on."""
    record_first_loop(family._replace(parent_pid=os.getppid()))


def _begin(family: Family) -> None:
    # The loop, which is about to run, takes each asynchronous generator for one of the program's to
    # end, and among what is imported now there is one.
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        _try_to_record(family)
    finally:
        sys.set_asyncgen_hooks(*hooks)


def _try_to_record(family: Family) -> None:
    """Begin to record; what stands in the way of it is told to the first process."""
    left_s = family.left_s
    if left_s is not None and left_s <= 0:
        return
    try:
        claim = family.claim()
    except OSError:
        return  # the first process has ended, and with it the recording
    if claim is None:
        return
    try:
        _record(family, claim, left_s)
    except Exception as error:  # noqa: BLE001 - the program must not see it
        with suppress(OSError):
            claim.note(f"{claim.path}: {getattr(error, 'strerror', None) or repr(error)}")


def _record(family: Family, claim: Claim, left_s: float | None) -> None:
    from .file_recording import FileRecording  # noqa: PLC0415 - it imports asyncio

    recording = FileRecording(claim.path, for_s=left_s, process=family.facts())
    recording.on_copy = lambda: copied(family)
    recording.start()
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        # Before Python 3.13 one that multiprocessing forks ends without the functions of `atexit`.
        from multiprocessing.util import Finalize  # noqa: PLC0415 - it is there by now

        Finalize(None, recording.stop, exitpriority=LAST)


LAST = -1_000
"""Behind whatever the program has to do at the end of its process."""
