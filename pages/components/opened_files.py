"""The files that a visitor opens: read, or refused in one line, and what does not compare."""

import threading
import time
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import PurePath

import streamlit as st
from starlette.exceptions import HTTPException
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from core.analysis.side_by_side import differences
from core.errors import BadFile
from core.jobs import OwnProgram
from core.measuring.finished import ResultCache
from core.measuring.resources import allowed_bytes
from core.runfile.in_turn import load_in_turn
from core.spec.limits import LIMITS
from core.text.language import Text, _, lazy, spoken
from core.timeline.timeline import Timeline
from pages.components.look import escaped
from pages.components.session_runs import result_cache

MB = 1 << 20
FILES_A_SESSION = 4
SHARE_OF_ALL = 4
UNASKED_S = 60.0
"""After so long a file that no widget shows is released; a browser reports it much sooner."""
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
def bound_uploads() -> Uploads | None:
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
    uploads, context = bound_uploads(), get_script_run_ctx()
    if uploads is not None and context is not None:
        uploads.release_all_but(context.session_id, shown)


class OpenedFile:
    """The runs of one file, as long as there is room for them."""

    def __init__(self, timelines: Sequence[Timeline], problem: Text | BadFile = "") -> None:
        self.timelines = timelines
        self.problem = problem
        self.size_bytes = sum(timeline.size_bytes for timeline in timelines)

    @property
    def was_evicted(self) -> bool:
        """Whether its runs were forgotten, so that it must be read again."""
        return not self.timelines and not self.problem

    def label(self, name: str) -> None:
        """Let a recording of somebody's own program say from which file it is, if it does not.

        Two of one program, before and after a mend, would have the same name otherwise.
        """
        self.timelines = [_labelled(each, PurePath(name).stem) for each in self.timelines]

    def evict(self) -> None:
        """Forget the runs: others need the room."""
        self.timelines = ()


def _labelled(timeline: Timeline, label: str) -> Timeline:
    program = timeline.program
    if not isinstance(program, OwnProgram) or program.label == label:
        return timeline
    # A copy would work out once more what is worked out once, so there is one for each name.
    return replace(timeline, program=replace(program, label=label))


class OpenedFiles:
    """The files that one session has open, each read once."""

    def __init__(self, cache: ResultCache) -> None:
        """Have none open; what they take counts towards what the server keeps."""
        self._cache = cache
        self._files: dict[tuple[str, str], OpenedFile] = {}

    def only(self, file_ids: set[str]) -> None:
        """Forget all files but those that are still chosen."""
        for key in [each for each in self._files if each[0] not in file_ids]:
            self._cache.forget(self._files.pop(key))

    def opened(self, file: UploadedFile) -> OpenedFile:
        """Return a file, read unless it has been already, in the language that is spoken."""
        key = file.file_id, spoken()
        found = self._files.get(key)
        if found is None or found.was_evicted:
            found = self._files[key] = _read(file)
        return found

    def keep(self, file: OpenedFile, shown: Sequence[OpenedFile]) -> bool:
        """Keep a file that is to be shown with others; return whether there is room for all.

        What is shown was kept last, so no part of it is evicted for another part.
        """
        if sum(each.size_bytes for each in (*shown, file)) > self._cache.most_bytes:
            file.evict()
            return False
        self._cache.keep(file)
        return True

    def close(self) -> None:
        """Forget all files: the session is over."""
        self.only(set())


@st.cache_resource(scope="session", show_spinner=False, on_release=OpenedFiles.close)
def _opened_files() -> OpenedFiles:
    return OpenedFiles(result_cache())


def ask(page: str) -> list[Timeline]:
    """Return the runs of the files that a visitor has chosen, in the order of the files.

    A file that cannot be read is named with what is wrong in it, and the others are shown.
    """
    files = st.file_uploader(
        _(
            "Run files and recordings, from “Download”, `python -m core run … --json FILE` or "
            "`loopscope record`"
        ),
        type=["json", "gz", "loopscope"],
        accept_multiple_files=True,
        max_upload_size=LIMITS.upload_mb,
        key=f"{page} files",
        help=_("Several are shown on one time axis. A file is read and forgotten with this tab."),
    )
    release_all_but({file.file_id for file in files})
    timelines = _shown(files)
    if len(timelines) > LIMITS.runs:
        st.error(
            _("There are {count} runs in these files; at most {most} can be shown at once.").format(
                count=len(timelines), most=LIMITS.runs
            )
        )
        return []
    for sentence in differences(timelines):
        st.info(escaped(sentence))
    return timelines


def _shown(files: Sequence[UploadedFile]) -> list[Timeline]:
    """Return the runs of the files that can be read and for which there is room."""
    own = _opened_files()
    own.only({file.file_id for file in files})
    shown: list[OpenedFile] = []
    names: dict[OpenedFile, str] = {}
    for file in files:
        opened = own.opened(file)
        names[opened] = file.name
        if opened.problem:
            st.error(escaped(f"{file.name}: {opened.problem}"))
        elif not own.keep(opened, shown):
            said = _("there is no room for it in addition to the files above; open fewer at once")
            st.error(escaped(f"{file.name}: {said}"))
        else:
            shown.append(opened)
    if len(shown) > 1:
        for opened in shown:
            opened.label(names[opened])
    return [timeline for opened in shown for timeline in opened.timelines]


def _read(file: UploadedFile) -> OpenedFile:
    """Read a file, unless it is larger than a browser would have sent."""
    if file.size > LIMITS.upload_mb * MB:
        problem = lazy(
            "the file has {size:,.1f} MB; the limit is {most:,} MB.",
            size=file.size / MB,
            most=LIMITS.upload_mb,
        )
        return OpenedFile((), problem)
    try:
        return OpenedFile(load_in_turn(file.getvalue(), allowed_bytes()))
    except BadFile as error:
        return OpenedFile((), error)
