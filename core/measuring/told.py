"""What a measuring child tells of results and errors: short texts that any file and page takes."""

from collections.abc import Iterable

from core.measuring.wire import Tag, json_frame
from core.recording.recorder import JobError
from core.recording.texts import all_shown
from core.spec.limits import LIMITS

MEMORY_ALLOWED = (
    "there is no more memory"
    if LIMITS.memory_mb is None
    else f"a run may use {LIMITS.memory_mb:,} MB on this server"
)
OUT_OF_MEMORY = json_frame(Tag.FAILED, kind=MemoryError.__name__, message=MEMORY_ALLOWED)
"""Made ahead: whoever has to send it can make nothing any more."""


def results_told(values: Iterable[object]) -> list[str]:
    """Return results, or what has been kept of them, as they go over the pipe."""
    return [encodable(text) for text in all_shown(values)]


def told(error: JobError) -> tuple[str, str]:
    """Return an error's type and message as they go over the pipe, and a limit that was met."""
    if error.kind == MemoryError.__name__ and not error.message:
        return error.kind, MEMORY_ALLOWED
    return error.kind, encodable(error.message)


def encodable(text: str) -> str:
    """Return a text with a `?` for each half of a surrogate pair, which no file or page takes."""
    return text.encode(errors="replace").decode()
