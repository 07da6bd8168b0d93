"""A folder for temporary files with an owner: a process that is alive.

It is removed at the end of its owner. One that was killed cannot do so: whoever makes the next
folder of the kind removes what has no owner any more. That one is alive shows in a lock on a file
in there, which the system takes back when a process ends in any way (flock(2)).
"""

import os
import shutil
import stat
import sys
import tempfile
import time
from contextlib import suppress

OWNER = "owner"
IN_THE_MAKING_S = 3_600.0
"""A folder without that file that is younger may be one whose owner is about to make the file."""
_held: dict[str, int] = {}
"""The files that this process has locked, by their folders."""


def made(prefix: str) -> str:
    """Make a folder of a kind, and remove those of the kind that nobody owns any more.

    Raises:
        OSError: If there is no folder for temporary files.
    """
    sweep(prefix)
    folder = tempfile.mkdtemp(prefix=prefix)
    own(folder)
    return folder


def own(folder: str) -> None:
    """Be the owner of a folder from now on; where nothing can be locked it is never swept."""
    place, new = (os.path.join(folder, name) for name in (OWNER, f"{OWNER}.new"))  # noqa: PTH118
    with suppress(OSError):
        file = os.open(new, os.O_CREAT | os.O_RDWR, 0o600)
        if _locks(file):
            _held[folder] = file
            os.replace(new, place)  # noqa: PTH105 - locked by the time that it is there
        else:
            os.close(file)


def remove(folder: str) -> None:
    """Remove a folder that this process owns."""
    if (file := _held.pop(folder, None)) is not None:
        with suppress(OSError):
            os.close(file)
    shutil.rmtree(folder, ignore_errors=True)


def sweep(prefix: str) -> None:
    """Remove the folders of a kind whose owners have ended without doing so."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and _is_left(entry):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_left(entry: "os.DirEntry[str]") -> bool:
    try:
        found = entry.stat(follow_symlinks=False)
        is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == _user(found)
        if not is_ours:
            return False
        file = os.open(os.path.join(entry.path, OWNER), os.O_RDWR)  # noqa: PTH118
    except FileNotFoundError:
        return time.time() - found.st_mtime > IN_THE_MAKING_S
    except OSError:
        return False
    try:
        return _locks(file)
    finally:
        os.close(file)


def _user(found: os.stat_result) -> int:
    """Return who we are, as a file says whose it is; on Windows, where none says so, its owner."""
    return os.geteuid() if hasattr(os, "geteuid") else found.st_uid


def _locks(file: int) -> bool:
    """Lock a file as long as it is open here; return whether nobody else had it locked."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - each system has its own

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (OSError, ImportError):
        return False
    return True
