"""Files to read: a folder of them, made on first use and removed at the end."""

import os
import tempfile
from pathlib import Path

from core.errors import ServiceUnavailable, Stuck
from core.services import ServiceRecord
from core.text.language import lazy
from core.workloads.file import FILE_BYTES, FILES


class Files:
    """A temporary folder with the files that the workload `file` reads."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def address(self) -> str:
        """Return the folder's path; writing the files takes a moment the first time.

        Raises:
            ServiceUnavailable: If they cannot be written, for lack of space say.
        """
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="loopscope-files-")
            try:
                self._fill(Path(self._folder.name))
            except OSError as error:
                self.close()
                raise ServiceUnavailable(
                    lazy("the folder of files"),
                    error,
                    lazy("make room in the temporary folder, or set TMPDIR to another one"),
                ) from error
        return self._folder.name

    @staticmethod
    def _fill(folder: Path) -> None:
        content = os.urandom(FILE_BYTES)
        for number in range(FILES):
            (folder / str(number)).write_bytes(content)

    def stuck(self) -> tuple[Stuck, ...]:
        """Return nothing: there is no process."""
        return ()

    def close(self) -> None:
        """Remove the folder."""
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()


SERVICE = ServiceRecord(
    make=Files,
    starting=lazy("Writing files to read …"),
)
