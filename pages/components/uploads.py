"""What sessions upload: bounded for each, whether a widget asked for it or not, and released.

Streamlit keeps whatever is sent to its address for uploads until the session is over, and bounds
the single file only.
"""

import threading
import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet

import streamlit as st
from starlette.exceptions import HTTPException
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from core.measuring.memory import allowed_bytes
from core.spec.limits import LIMITS

MB = 1 << 20
FILES_A_SESSION = 4
SHARE_OF_ALL = 4
UNASKED_S = 60.0
"""After so long a file that no widget shows is released; a browser tells of it much sooner."""
TOO_MUCH = 413

AddFile = Callable[[str, UploadedFileRec], None]


class Uploads:
    """Bounds what a manager of uploads holds for each session, and of all together."""

    def __init__(
        self,
        manager: MemoryUploadedFileManager,
        *,
        most_of_session: int,
        most_of_all: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Let the manager refuse what would be too much; sizes are bytes."""
        self._manager = manager
        self._add_to_manager: AddFile = manager.add_file
        self._most_of_session, self._most_of_all = most_of_session, most_of_all
        self._clock = clock
        self._came_s: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()
        manager.add_file = self.add  # type: ignore[method-assign]

    def add(self, session_id: str, file: UploadedFileRec) -> None:
        """Take a file in.

        Raises:
            HTTPException: If its session, or all sessions together, have sent too much already.
        """
        with self._lock:
            sizes = {session: self._size(session) for session in list(self._manager.file_storage)}
            own = sizes.get(session_id, 0) + len(file.data)
            everybody = sum(sizes.values()) + len(file.data)
            if own > self._most_of_session or everybody > self._most_of_all:
                raise HTTPException(TOO_MUCH, "this session has uploaded too much; remove files")
            self._came_s = {
                (session, each): came_s
                for (session, each), came_s in self._came_s.items()
                if session in sizes
            }
            self._came_s[session_id, file.file_id] = self._clock()
            self._add_to_manager(session_id, file)

    def release_all_but(self, session_id: str, shown: AbstractSet[str]) -> None:
        """Release what a session sent a while ago and no widget shows."""
        with self._lock:
            stored = self._manager.file_storage.get(session_id, {})
            for file_id in [each for each in list(stored) if each not in shown]:
                came_s = self._came_s.get((session_id, file_id), 0.0)
                if self._clock() - came_s >= UNASKED_S:
                    self._manager.remove_file(session_id, file_id)
                    self._came_s.pop((session_id, file_id), None)

    def _size(self, session_id: str) -> int:
        files = self._manager.file_storage.get(session_id, {})
        return sum(len(file.data) for file in list(files.values()))


@st.cache_resource(show_spinner=False)
def bound() -> Uploads | None:
    """Bound the uploads of this server, once; without a server, as in tests, nothing happens."""
    if not runtime.exists():
        return None
    manager = runtime.get_instance().uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        return None
    most = min(LIMITS.runs * LIMITS.upload_mb * MB, allowed_bytes() / SHARE_OF_ALL)
    return Uploads(
        manager,
        most_of_session=int(min(FILES_A_SESSION * LIMITS.upload_mb * MB, most)),
        most_of_all=int(most),
    )


def release_all_but(shown: AbstractSet[str]) -> None:
    """Release what this session has uploaded a while ago, but for the files that are shown."""
    uploads, context = bound(), get_script_run_ctx()
    if uploads is not None and context is not None:
        uploads.release_all_but(context.session_id, shown)
