"""One test of somebody else's suite at a time, bare or recorded.

Two ways lead to a recording loop. `attached`: what a program is recorded by, the hook that turns
each loop of asyncio into a recording one when it begins to run. `made`: asyncio's default loop is
a recording one from the start, so that what a test does with a loop that does not run is seen, too.
"""

from asyncio import unix_events
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from typing import Any

from core.recording.attach import recorded_loops
from core.recording.loop import RecordingLoop
from core.recording.recorder import Recorder

POLICY: Any = getattr(
    unix_events, "_DefaultEventLoopPolicy", getattr(unix_events, "DefaultEventLoopPolicy", None)
)
"""What makes asyncio's default loops; since Python 3.14 its name has an underscore."""


class Way(StrEnum):
    """How a test is run."""

    BARE = "bare"
    ATTACHED = "attached"
    MADE = "made"


@contextmanager
def one_test(way: Way) -> Iterator[Recorder]:
    """Run a test meanwhile; what fails in the recording itself is the recorder's `failure`."""
    recorder = Recorder()
    loops = nullcontext() if way is Way.BARE else recorded_loops(recorder)
    before = POLICY._loop_factory
    if way is Way.MADE:
        POLICY._loop_factory = staticmethod(lambda: RecordingLoop(recorder))
    try:
        with loops:
            yield recorder
    finally:
        POLICY._loop_factory = before
