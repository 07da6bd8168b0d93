"""The words between the measuring child and its parent, and the child's ends of their two pipes.

To the child: commands of a length and a body, first a JSON object with the spec and the addresses
of services, then `GO` or `STOP`. The end of that stream means that the parent is gone.

From the child: frames of a tag, a length and a body, cut by hand. `Connection.recv_bytes` returns
once a message is whole, and nothing ends its wait before (so in CPython 3.11 to 3.15). A child that
is stopped in the middle of a frame, or killed there while a worker holds the pipe open, would take
the thread along that watches the run's deadline. `Frames` takes what there is. A program that
writes to descriptors which it has not opened may write into this stream, so a length is compared
with what a run can say at most before anything is stored for it.

A whole interpreter gets the pipes as its standard input and output, which every system can hand to
a process; one that the zygote has forked gets their descriptors.
"""

import json
import os
import select
import struct
import sys
import threading
from collections.abc import Iterable, Iterator
from enum import IntEnum
from queue import SimpleQueue
from typing import Any

from core.errors import FramesGarbled
from core.recording.events import BYTES_PER_EVENT
from core.recording.recorder import MAX_LOG_CHARACTERS, JobError
from core.recording.texts import all_shown
from core.spec.limits import LIMITS
from core.workloads.failures import TooManyOpenFiles, out_of_memory

HEADER = struct.Struct("<BI")
COMMAND_HEADER = struct.Struct("<I")
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


NO_MORE_FILES = JobError.of(TooManyOpenFiles())


def error_fields(error: JobError) -> dict[str, Any]:
    """Return an error as it goes over the pipe: a limit that was met has that for its message."""
    if error.kind == MemoryError.__name__ and not error.message:
        error = out_of_memory(LIMITS.memory_mb)
    if error == NO_MORE_FILES and LIMITS.open_files is not None:
        error = JobError.of(TooManyOpenFiles(limit_files=LIMITS.open_files))
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
"""Made ahead: whoever has to send it has no memory left to make anything."""


def command(body: bytes) -> bytes:
    """Return a command as it goes over the pipe."""
    return COMMAND_HEADER.pack(len(body)) + body


class Commands:
    """The child's end of the pipe for commands."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._received: SimpleQueue[bytes] = SimpleQueue()
        self._arrived = threading.Event()
        self._reads_ahead = False

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def receive(self) -> bytes:
        """Wait for a command and return it; nothing if the parent is gone, or sends too much."""
        return self._received.get() if self._reads_ahead else self._receive()

    def _receive(self) -> bytes:
        header = self._read(COMMAND_HEADER.size)
        if len(header) < COMMAND_HEADER.size:
            return b""
        (length,) = COMMAND_HEADER.unpack(header)
        return self._read(length) if length <= MOST_COMMAND_BYTES else b""

    def comes_within(self, wait_s: float) -> bool:
        """Wait for a command; return whether `receive` has something to return."""
        if sys.platform != "win32":
            return bool(select.select([self._descriptor], [], [], wait_s)[0])
        # There `select` takes sockets only, so a thread reads; it has no GIL while it waits.
        if not self._reads_ahead:
            threading.Thread(target=self._read_ahead, name="commands", daemon=True).start()
            self._reads_ahead = True
        return self._arrived.wait(wait_s)

    def _read_ahead(self) -> None:
        self._received.put(self._receive())
        self._arrived.set()

    def _read(self, count: int) -> bytes:
        read = b""
        while len(read) < count and (more := os.read(self._descriptor, count - len(read))):
            read += more
        return read if len(read) == count else b""


def take_standard_streams() -> tuple[int, int]:
    """Return descriptors of the standard input and output, which lead nowhere from now on."""
    commands, events = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    return commands, events


REQUEST = struct.Struct("=q")
REPORT = struct.Struct("=qqq")
"""A `Report`, a number, and what there is to say about it."""


class Report(IntEnum):
    """What the zygote says."""

    FORKED = 1
    """The number of a request, and the process's id."""
    REFUSED = 2
    """The number of a request, and the `errno` of the fork that failed."""
    ENDED = 3
    """A process's id, and its exit code, negative for a signal."""
