"""A child process of a recorded program: its recording begins with its first event loop.

One that runs no loop, neither of asyncio nor of trio, leaves no file, and imports nothing of them
that it would not import.
"""

import atexit
import os
import sys
from contextlib import suppress
from typing import Any

from .children import follow
from .family import Claim, Family
from .first_loop import FirstLoop
from .hidden_frames import HiddenFrames
from .starts import Starts


def watch(text: str) -> None:
    """Record this process from its first loop on, and let its children be recorded."""
    family = Family.of_text(text)
    starts = follow(family)
    if family.parent_pid is None:
        _go_on_as_first(family)
    record_first_loop(family, starts)


def followed_by(recording: Any, family: Family) -> None:
    """Let the children and copies of the first process, which is recorded, be recorded, too."""
    _follow_copies(recording, family, follow(family))


def _follow_copies(recording: Any, family: Family, starts: Starts) -> None:
    recording.on_copy = lambda: record_first_loop(family.of_copy(), starts)
    starts.before_end = recording.flush


def _go_on_as_first(family: Family) -> None:
    """Be what the first process of the program has become, and say its last line."""
    from .owned_folder import own  # noqa: PLC0415 - children need neither

    def say() -> None:
        from .last_line import say_end_of_another  # noqa: PLC0415

        say_end_of_another(family, pid)

    pid = os.getpid()
    own(family.claims)
    # before anything of the program's, hence called behind it
    atexit.register(say)


def record_first_loop(family: Family, starts: Starts) -> None:
    """Record this process, or the copy that it is, from its first loop on."""
    pid = os.getpid()

    def begin() -> None:
        # A process that waits for its first loop may fork meanwhile: then its copies wait, too.
        is_copy = os.getpid() != pid
        _begin(family.of_copy() if is_copy else family, starts)

    FirstLoop(begin)


def _begin(family: Family, starts: Starts) -> None:
    # The loop, which is about to run, takes each asynchronous generator for one of the program's to
    # end, and among what is imported now there is one.
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        _try_to_record(family, starts)
    finally:
        sys.set_asyncgen_hooks(*hooks)


def _try_to_record(family: Family, starts: Starts) -> None:
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
        _record(family, starts, claim, left_s)
    except Exception as error:  # noqa: BLE001 - the program must not see it
        with suppress(OSError):
            claim.note(f"{claim.path}: {getattr(error, 'strerror', None) or repr(error)}")


def _record(family: Family, starts: Starts, claim: Claim, left_s: float | None) -> None:
    from .file_recording import FileRecording  # noqa: PLC0415 - it imports asyncio

    recording = FileRecording(claim.path, for_s=left_s, process=family.facts())
    _follow_copies(recording, family, starts)
    HiddenFrames().hide()
    recording.start()
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        # Before Python 3.13 one that multiprocessing forks ends without the functions of `atexit`.
        from multiprocessing.util import Finalize  # noqa: PLC0415 - it is there by now

        Finalize(None, recording.stop, exitpriority=LAST)


LAST = -1_000
"""Behind whatever the program has to do at the end of its process."""
