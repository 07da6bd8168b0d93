"""The files that a visitor opens: read, or refused in one line, and what does not compare."""

from collections.abc import Iterator, Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.comparable import differences
from core.errors import BadFile
from core.limits import LIMITS
from core.runfile import load
from core.timeline import Timeline
from core.words import _
from pages.components.plain import plain

MB = 1 << 20


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
    timelines = [timeline for file in files for timeline in _read(file)]
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


def _read(file: UploadedFile) -> Iterator[Timeline]:
    """Yield the runs of a file, unless it is larger than a browser would have sent."""
    if file.size > LIMITS.upload_mb * MB:
        st.error(
            plain(
                _("{name}: the file has {size:,.1f} MB; the limit is {most:,} MB.").format(
                    name=file.name, size=file.size / MB, most=LIMITS.upload_mb
                )
            )
        )
        return
    try:
        yield from _loaded(file.file_id, file)
    except BadFile as error:
        st.error(plain(f"{file.name}: {error}"))


@st.cache_resource(show_spinner=False, max_entries=LIMITS.runs, scope="session")
def _loaded(file_id: str, _file: UploadedFile) -> Sequence[Timeline]:  # noqa: ARG001 - the key
    """Return the runs of a file, read once as long as its session lasts."""
    return load(_file.getvalue())
