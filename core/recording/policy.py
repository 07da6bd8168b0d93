"""The recording policy: loops that the measured program makes by itself are recorded, too."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class RecordingPolicy(asyncio.DefaultEventLoopPolicy):
    """asyncio's own policy, but for the loops that it makes."""

    def __init__(self, make_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
        """Let `make_loop` make each loop that `asyncio.run` or a program asks for."""
        super().__init__()
        self._make_loop = make_loop

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """Return a new loop that records."""
        return self._make_loop()


@contextmanager
def loops_made_by(make_loop: Callable[[], asyncio.AbstractEventLoop]) -> Iterator[None]:
    """Let `make_loop` make the loops that are asked for meanwhile, as if none had been before."""
    before = asyncio.get_event_loop_policy()
    asyncio.set_event_loop_policy(RecordingPolicy(make_loop))
    try:
        yield
    finally:
        asyncio.set_event_loop_policy(before)
