"""The words between the measuring child and its parent.

To the child: messages of `multiprocessing.connection`, first a JSON object with the spec and the
addresses of services, then `GO` or `STOP`. The end of that stream means that the parent is gone.

From the child: frames of a tag, a length and a body, cut by hand. `Connection.recv_bytes` returns
once a message is whole, and nothing ends its wait before (so in CPython 3.11 to 3.15). A child that
is stopped in the middle of a frame, or killed there while a worker holds the pipe open, would take
the thread along that watches the run's deadline. `Frames` takes what there is.
"""

import json
import struct
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any

from core.errors import FramesGarbled
from core.recording.events import BYTES_PER_EVENT
from core.recording.recorder import MAX_LOG_CHARACTERS, JobError
from core.recording.texts import all_shown
from core.spec.limits import LIMITS
from core.workloads.failures import out_of_memory

HEADER = struct.Struct("<BI")
MOMENT = struct.Struct("<q")
GO = b"go"
STOP = b"stop"
MOST_COMMAND_BYTES = 1 << 20
"""A spec has some hundred bytes, an address as many as its operator writes."""


class Tag(IntEnum):
    """What a frame from the child means."""

    READY = 1
    """The child is warm: imports done, own cost measured."""
    PREPARED = 2
    """The pool is open; body: JSON with `startup_ns`."""
    STARTED = 3
    """The pattern begins; body: JSON with `started_ns`."""
    EVENTS = 4
    """Rows of integers, as `core.recording.events` lays them out."""
    TEXTS = 5
    """JSON with `log`, `sites` and `dropped` since the last such frame."""
    DONE = 6
    """The pattern has returned and its pools are closed; body: JSON, the closing facts."""
    FAILED = 7
    """The run could not be carried out; body: JSON, the error as `error_fields` makes it."""
    NOW = 8
    """The child can speak; body: the time, and after it rows of what is under way then."""
    FACTS = 9
    """The run ends early; body: JSON, the run facts as far as they are known."""


MOST_ROW_BYTES = (LIMITS.events + 8 * LIMITS.tasks) * BYTES_PER_EVENT
"""The rows of a run: up to the limit all, past it the beginning and end of each job.

A job that goes to another process and comes back has six such rows."""
# JSON writes a character outside the basic plane as two escapes of six bytes each.
MOST_TEXT_BYTES = 12 * MAX_LOG_CHARACTERS
MOST_BYTES = {
    Tag.READY: 0,
    Tag.PREPARED: 1 << 10,
    Tag.STARTED: 1 << 10,
    Tag.EVENTS: MOST_ROW_BYTES,
    Tag.TEXTS: MOST_TEXT_BYTES,
    Tag.DONE: MOST_TEXT_BYTES,
    Tag.FAILED: 1 << 16,
    Tag.NOW: MOMENT.size + MOST_ROW_BYTES,
    Tag.FACTS: MOST_TEXT_BYTES,
}
"""What all bodies of a kind may have together; each of `NOW`, which replaces the one before."""


def frame(tag: Tag, body: bytes = b"") -> bytes:
    """Return a frame as it goes over the pipe."""
    return HEADER.pack(tag, len(body)) + body


def json_frame(tag: Tag, **values: Any) -> bytes:
    """Return a frame whose body is a JSON object."""
    return frame(tag, json.dumps(values).encode())


def now_frame(now_ns: int, under_way: bytes) -> bytes:
    """Return a frame that says what is under way at a time."""
    return frame(Tag.NOW, MOMENT.pack(now_ns) + under_way)


class Frames:
    """Cuts a stream of bytes into frames; a torn one at the end is never given out."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._left = dict(MOST_BYTES)

    def feed(self, data: bytes) -> Iterator[tuple[Tag, bytes]]:
        """Take bytes in and yield the frames that are whole now.

        Raises:
            FramesGarbled: If they are no frames, or more than a run can say.
        """
        self._received += data
        while len(self._received) >= HEADER.size:
            tag, length = self._header()
            end = HEADER.size + length
            if len(self._received) < end:
                return
            body = bytes(self._received[HEADER.size : end])
            # A bytearray drops its front without moving the rest (since CPython 3.4).
            del self._received[:end]
            if tag is not Tag.NOW:
                self._left[tag] -= length
            yield tag, body

    def _header(self) -> tuple[Tag, int]:
        number, length = HEADER.unpack_from(self._received)
        try:
            tag = Tag(number)
        except ValueError as error:
            raise FramesGarbled from error
        if length > self._left[tag] or not _is_whole(tag, length):
            raise FramesGarbled
        return tag, length


def _is_whole(tag: Tag, length: int) -> bool:
    """Return whether a body can have a length: rows are cut nowhere but between two."""
    if tag is Tag.EVENTS:
        return length % BYTES_PER_EVENT == 0
    return tag is not Tag.NOW or (
        length >= MOMENT.size and (length - MOMENT.size) % BYTES_PER_EVENT == 0
    )


def result_texts(values: Iterable[object]) -> list[str]:
    """Return the texts of results, or of what was kept of them, as they go over the pipe."""
    return [encodable(text) for text in all_shown(values)]


def error_fields(error: JobError) -> dict[str, Any]:
    """Return an error as it goes over the pipe: a limit that was met has that for its message."""
    if error.kind == MemoryError.__name__ and not error.message:
        error = out_of_memory(LIMITS.memory_mb)
    values = {
        name: encodable(value) if isinstance(value, str) else value for name, value in error.values
    }
    return {"kind": error.kind, "message": encodable(error.message), "values": values}


def error_from(fields: dict[str, Any]) -> JobError:
    """Return an error from what `error_fields` made of it."""
    values = tuple(fields.get("values", {}).items())
    return JobError(kind=fields["kind"], message=fields["message"], values=values)


# Python keeps undecodable bytes as lone halves of surrogate pairs (PEP 383), JSON passes them on,
# and UTF-8 refuses them.
def encodable(text: str) -> str:
    """Return a text with a `?` for each half of a surrogate pair, which no file or page takes."""
    return text.encode(errors="replace").decode()


OUT_OF_MEMORY = json_frame(Tag.FAILED, **error_fields(out_of_memory(LIMITS.memory_mb)))
"""Made ahead: whoever has to send it can make nothing any more."""
