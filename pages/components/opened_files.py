"""The files that a visitor opens: read, or refused in one line, and what does not compare."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.comparable import differences
from core.errors import BadFile
from core.limits import LIMITS
from core.runfile import load
from core.timeline import Timeline
from core.words import _
from pages.components.plain import plain


def ask(page: str) -> list[Timeline]:
    """Return the runs of the files that a visitor has chosen, in the order of the files.

    A file that cannot be read is named with what is wrong in it, and the others are shown.
    """
    files = st.file_uploader(
        _("Run files (JSON), from “Take it away” or from `python -m core run … --json FILE`"),
        type=["json", "gz"],
        accept_multiple_files=True,
        key=f"{page} files",
        help=_("Several are shown on one time axis. A file is read and forgotten with this tab."),
    )
    kept: dict[str, Sequence[Timeline]] = st.session_state.setdefault(f"{page} read", {})
    for gone in kept.keys() - {file.file_id for file in files}:
        del kept[gone]
    timelines = [timeline for file in files for timeline in _read(file, kept)]
    if len(timelines) > LIMITS.runs:
        st.error(
            _("There are {count} runs in these files; at most {most} can be shown at once.").format(
                count=len(timelines), most=LIMITS.runs
            )
        )
        return []
    for sentence in differences(timelines):
        st.info(plain(sentence))
    return timelines


def _read(file: UploadedFile, kept: dict[str, Sequence[Timeline]]) -> Sequence[Timeline]:
    """Return the runs of a file; what was read stays `kept` as long as the file is chosen."""
    if file.file_id not in kept:
        try:
            kept[file.file_id] = load(file.getvalue())
        except BadFile as error:
            st.error(plain(f"{file.name}: {error}"))
            return ()
    return kept[file.file_id]
