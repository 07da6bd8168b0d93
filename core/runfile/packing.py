"""Run files compressed with gzip: made and opened piece by piece, within a bound."""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from core.errors import BadFile
from core.text.language import _

SUFFIX = ".gz"
MAGIC = b"\x1f\x8b"
PIECE_BYTES = 1 << 20
EFFORT = 6
GZIP_WINDOW = 16 + zlib.MAX_WBITS
"""With it zlib writes the header of gzip, with no time and no name in it: the same data give the
same file."""


def packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Return a text that is given in pieces compressed with gzip, in other pieces."""
    packer = zlib.compressobj(EFFORT, zlib.DEFLATED, GZIP_WINDOW)
    for piece in pieces:
        if done := packer.compress(piece):
            yield done
    yield packer.flush()


def unpacked(file: "io.BufferedReader[Any]", most_bytes: int) -> bytearray:
    """Return what is in a file, inflated if it is compressed with gzip.

    No more than `most_bytes` is held of it, however much a small file would inflate to.

    Raises:
        BadFile: If it is larger than that, or compressed and damaged or cut off.
        OSError: If the file cannot be read.
    """
    most = most_bytes >> 20
    if file.peek(len(MAGIC))[: len(MAGIC)] != MAGIC:
        return _bounded(file, most_bytes, _("it is larger than {most} MiB").format(most=most))
    said = _("it is larger than {most} MiB when it is inflated").format(most=most)
    with gzip.GzipFile(fileobj=file, mode="rb") as inflating:
        try:
            return _bounded(inflating, most_bytes, said)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadFile("", _("it is compressed, and damaged or cut off")) from error


def _bounded(file: io.BufferedIOBase, most_bytes: int, otherwise: str) -> bytearray:
    found = bytearray()
    while piece := file.read(min(PIECE_BYTES, most_bytes + 1 - len(found))):
        found += piece
        if len(found) > most_bytes:
            raise BadFile("", otherwise)
    return found
