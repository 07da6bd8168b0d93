"""The recording file: what a recorder writes where there is nothing but the standard library.

A line that says what it is, then blocks: a letter for what is in it, the length, and that many
bytes, compressed. A block is written at once, so a process that is killed leaves a file that is
whole up to its last block.

| block | holds |
|---|---|
| `H` | what is known at the start, as JSON: the command, the version of Python, the start's time |
| `R` | rows, as in `events`, in this machine's order of bytes |
| `T` | texts, as JSON: places; names, coroutines, results and errors of jobs, by their numbers |
| `U` | what is under way, as rows that replace those of the block before |
| `E` | what is known at the end, as JSON; without it the program did not come to its end |
"""

import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

MAGIC = b"loopscope recording 1\n"
SUFFIX = ".loopscope"
HEAD = struct.Struct("<cI")
MOST_BLOCK_BYTES = 64 << 20
"""Of one block, compressed or not: a fifth of a second of a program holds far less."""
EFFORT = 1
"""Of zlib: it halves the rows in a tenth of the time that its usual effort takes."""


class DamagedBlock(Exception):
    """A block of a recording file that is none."""


def block(tag: bytes, payload: bytes) -> bytes:
    """Return a block; one without anything in it is none."""
    packed = zlib.compress(payload, EFFORT)
    return HEAD.pack(tag, len(packed)) + packed


def json_block(tag: bytes, **content: Any) -> bytes:
    """Return a block of JSON."""
    return block(tag, json.dumps(content).encode(errors="backslashreplace"))


def blocks(file: BinaryIO, most_bytes: int) -> Iterator[tuple[bytes, bytes]]:
    """Return the letters and contents of a file's blocks, up to the first that is cut off.

    Args:
        file: One that stands behind its first line.
        most_bytes: How many bytes all contents together may have.

    Raises:
        DamagedBlock: If a block is too large, or its content cannot be inflated.
    """
    left = most_bytes
    while len(head := file.read(HEAD.size)) == HEAD.size:
        tag, length = HEAD.unpack(head)
        if length > MOST_BLOCK_BYTES:
            raise DamagedBlock
        packed = file.read(length)
        if len(packed) < length:
            return
        inflating = zlib.decompressobj()
        try:
            content = inflating.decompress(packed, min(left, MOST_BLOCK_BYTES) + 1)
        except zlib.error as error:
            raise DamagedBlock from error
        left -= len(content)
        if left < 0 or not inflating.eof:
            raise DamagedBlock
        yield tag, content
