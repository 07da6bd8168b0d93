"""Files that others bring, read one at a time, so that the memory for it does not add up."""

import threading

from core.runfile.reader import load, room_within
from core.timeline.timeline import Timeline

SHARE = 2
"""A file may take this part of the memory while it is read: 1 divided by this."""

_reading = threading.Lock()


def load_in_turn(text: bytes, memory_bytes: float) -> list[Timeline]:
    """Return the timelines of a file, once no other file is being read.

    Args:
        text: The whole file, as for `load`.
        memory_bytes: How much memory this process may take.

    Raises:
        BadFile: As `load`.
    """
    with _reading:
        return load(text, room_within(memory_bytes / SHARE))
