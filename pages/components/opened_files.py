"""The files that a visitor opens: read, or refused in one line, and what does not compare."""

import threading
from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.analysis.summary import differences
from core.errors import BadFile
from core.measuring.memory import allowed_bytes
from core.measuring.result_cache import Kept
from core.runfile import load, room_within
from core.spec.limits import LIMITS
from core.text.language import _, spoken
from core.timeline.timeline import Timeline
from pages.components import uploads
from pages.components.markdown_text import escaped
from pages.components.session_runs import kept

MB = 1 << 20
SHARE_FOR_READING = 2
"""A file may take this part of the memory while it is read: 1 in so many."""

_reading = threading.Lock()
"""One file is read at a time, so that their memory does not add up."""


class OpenedFile:
    """The runs of one file, as long as there is room for them."""

    def __init__(self, timelines: Sequence[Timeline], problem: str = "") -> None:
        """Hold the runs that were read, or what is wrong with the file."""
        self.timelines = timelines
        self.problem = problem
        self.size_bytes = sum(timeline.size_bytes for timeline in timelines)

    @property
    def was_let_go(self) -> bool:
        """Whether its runs were forgotten, so that it must be read again."""
        return not self.timelines and not self.problem

    def let_go(self) -> None:
        """Forget the runs: others need the room."""
        self.timelines = ()


class OpenedFiles:
    """The files that one session has open, each read once."""

    def __init__(self, kept: Kept) -> None:
        """Have none open; what they take counts towards what the server keeps."""
        self._kept = kept
        self._files: dict[tuple[str, str], OpenedFile] = {}

    def only(self, file_ids: set[str]) -> None:
        """Forget all files but those that are still chosen."""
        for key in [each for each in self._files if each[0] not in file_ids]:
            self._kept.forget(self._files.pop(key))

    def opened(self, file: UploadedFile) -> OpenedFile:
        """Return a file, read unless it has been already, in the language that is spoken."""
        key = file.file_id, spoken()
        found = self._files.get(key)
        if found is None or found.was_let_go:
            found = self._files[key] = _read(file)
        return found

    def keep(self, file: OpenedFile, shown: Sequence[OpenedFile]) -> bool:
        """Keep a file that is to be shown beside others; return whether there is room for all.

        What is shown is the latest that is kept, so nothing of it is let go for the rest of it.
        """
        if sum(each.size_bytes for each in (*shown, file)) > self._kept.most_bytes:
            file.let_go()
            return False
        self._kept.keep(file)
        return True

    def close(self) -> None:
        """Forget all files: the session is over."""
        self.only(set())


@st.cache_resource(scope="session", show_spinner=False, on_release=OpenedFiles.close)
def _opened_files() -> OpenedFiles:
    return OpenedFiles(kept())


def ask(page: str) -> list[Timeline]:
    """Return the runs of the files that a visitor has chosen, in the order of the files.

    A file that cannot be read is named with what is wrong in it, and the others are shown.
    """
    files = st.file_uploader(
        _("Run files (JSON), from “Take it away” or from `python -m core run … --json FILE`"),
        type=["json", "gz"],
        accept_multiple_files=True,
        max_upload_size=LIMITS.upload_mb,
        key=f"{page} files",
        help=_("Several are shown on one time axis. A file is read and forgotten with this tab."),
    )
    uploads.release_all_but({file.file_id for file in files})
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
    for file in files:
        opened = own.opened(file)
        if opened.problem:
            st.error(escaped(f"{file.name}: {opened.problem}"))
        elif not own.keep(opened, shown):
            said = _("there is no room for it beside the files above; open fewer at once")
            st.error(escaped(f"{file.name}: {said}"))
        else:
            shown.append(opened)
    return [timeline for opened in shown for timeline in opened.timelines]


def _read(file: UploadedFile) -> OpenedFile:
    """Read a file, unless it is larger than a browser would have sent."""
    if file.size > LIMITS.upload_mb * MB:
        problem = _("the file has {size:,.1f} MB; the limit is {most:,} MB.").format(
            size=file.size / MB, most=LIMITS.upload_mb
        )
        return OpenedFile((), problem)
    try:
        with _reading:
            return OpenedFile(
                load(file.getvalue(), room_within(allowed_bytes() / SHARE_FOR_READING))
            )
    except BadFile as error:
        return OpenedFile((), str(error))
