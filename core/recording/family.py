"""What a recorded program's processes have in common: where they write, and how many may.

It goes from each process to its children as a text. Its claims stand in a folder of its own, which
the first process makes and removes: each process takes the next free number there before it makes
a file, so that a program with thousands of children leaves no thousands of files.
"""

import json
import os
import sys
import time
from contextlib import suppress
from typing import Any, NamedTuple

from .recording_file import SUFFIX

MOST_CHILDREN = 64
CLAIMS = "loopscope-children-"
LEFT_OUT = "left-out"
DEAF = "deaf"


class Family(NamedTuple):
    """The processes of one recorded program.

    Attributes:
        name: Random; files with the same name are of one program.
        stem: The path of the first process's file, without its suffix.
        claims: The folder of the claims.
        until_s: When the recording of all ends, as `time.monotonic` counts; None at their ends.
        parent_pid: The process that has started this one; None for the first.
    """

    name: str
    stem: str
    claims: str
    until_s: float | None = None
    parent_pid: int | None = None

    @classmethod
    def founded(cls, path: str | os.PathLike[str], for_s: float | None) -> "Family":
        """Return the family of a program whose first process writes to a path.

        Raises:
            OSError: If there is no folder for temporary files.
        """
        import secrets  # noqa: PLC0415 - children need neither

        from .owned_folder import made  # noqa: PLC0415

        return cls(
            name=secrets.token_hex(8),
            stem=os.path.abspath(path).removesuffix(SUFFIX),  # noqa: PTH100 - children have no pathlib yet
            claims=made(CLAIMS),
            until_s=None if for_s is None else time.monotonic() + for_s,
        )

    @classmethod
    def of_text(cls, text: str) -> "Family":
        """Return what `as_text` has written."""
        return cls(*json.loads(text))

    def as_text(self) -> str:
        """Return this as `of_text` reads it."""
        return json.dumps(self)

    def of_child(self) -> "Family":
        """Return this for a child of the process that calls it."""
        return self._replace(parent_pid=os.getpid())

    def of_copy(self) -> "Family":
        """Return this for the process that calls it, which is a copy of another one."""
        return self._replace(parent_pid=os.getppid())

    @property
    def left_s(self) -> float | None:
        """For how long there is still something to record; None for an open end."""
        return None if self.until_s is None else self.until_s - time.monotonic()

    def facts(self) -> dict[str, Any]:
        """Return what the file of this process says of it, besides its number and its start."""
        return {"family": self.name, "parent_pid": self.parent_pid, "name": _process_name()}

    def claim(self) -> "Claim | None":
        """Return the right to write one more file; None if there are enough of them.

        Raises:
            OSError: If the first process has ended, so that nobody would know of the file.
        """
        from .file_recording import unused  # noqa: PLC0415 - it imports asyncio

        for number in range(MOST_CHILDREN):
            place = os.path.join(self.claims, str(number))  # noqa: PTH118
            with suppress(FileExistsError):
                os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                claim = Claim(place, str(unused(f"{self.stem}.{os.getpid()}")))
                claim.note("")
                return claim
        self._count(LEFT_OUT)
        return None

    def note_deaf(self) -> None:
        """Count a Python that cannot be told of the recording, if that goes on."""
        with suppress(OSError):
            if self.left_s is None or self.left_s > 0:
                self._count(DEAF)

    def _count(self, what: str) -> None:
        place = os.path.join(self.claims, what)  # noqa: PTH118
        file = os.open(place, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        os.write(file, b".")
        os.close(file)

    def _counted(self, what: str) -> int:
        try:
            return os.stat(os.path.join(self.claims, what)).st_size  # noqa: PTH116, PTH118
        except OSError:
            return 0

    def gathered(self) -> "Gathered":
        """Return what the children have left by now."""
        files, failures = [], []
        for number in range(MOST_CHILDREN):
            try:
                with open(os.path.join(self.claims, str(number)), encoding="utf-8") as file:  # noqa: PTH118, PTH123
                    path, failure = json.load(file)
            except (OSError, ValueError):
                continue  # nobody took it, or whoever did was killed before it began a file
            if failure:
                failures.append(failure)
            else:
                files.append(path)
        return Gathered(files, failures, self._counted(LEFT_OUT), self._counted(DEAF))

    def dissolve(self) -> None:
        """Remove the claims: children that run their first loop from now on are not recorded."""
        from .owned_folder import remove  # noqa: PLC0415 - children do not need it

        remove(self.claims)


class Claim(NamedTuple):
    """The right of one process to write a file."""

    place: str
    path: str

    def note(self, failure: str) -> None:
        """Say where the file is, and why there is none, if so.

        Raises:
            OSError: If the first process has ended.
        """
        file = os.open(self.place, os.O_WRONLY | os.O_TRUNC)
        os.write(file, json.dumps([self.path, failure]).encode())
        os.close(file)


class Gathered(NamedTuple):
    """The files of a program's children, why some have none, and how many are too many.

    `deaf` are Pythons that could not be told of the recording.
    """

    files: list[str]
    failures: list[str]
    left_out: int
    deaf: int = 0


def _process_name() -> str:
    """Return how multiprocessing calls this process; empty if it is none of its children."""
    process = sys.modules.get("multiprocessing.process")
    if process is None or process.parent_process() is None:
        return ""
    return str(process.current_process().name)
