"""The recorded handles, as asyncio's debug mode shows them."""

import asyncio
import re
from collections.abc import Callable

from core.recording.loop import RecordingLoop
from core.recording.recorder import Recorder


def nothing() -> None:
    """Do nothing, to be called by a loop."""


def described(make_loop: Callable[[], asyncio.AbstractEventLoop]) -> list[str]:
    """Return how the handles of each kind describe themselves in debug mode, less the times."""
    loop = make_loop()
    loop.set_debug(True)
    try:
        handles = [
            loop.call_soon(nothing),
            loop.call_soon_threadsafe(nothing),
            loop.call_later(60, nothing),
        ]
        return [re.sub(r"when=[\d.]+", "when", repr(handle)) for handle in handles]
    finally:
        loop.close()


def test_handles_describe_themselves_as_without_recording() -> None:
    recorded = described(lambda: RecordingLoop(Recorder()))
    assert recorded == described(asyncio.new_event_loop)
    assert all("test_handles.py" in text.partition("created at")[2] for text in recorded)
