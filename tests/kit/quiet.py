"""What Python says on the side about a program: asyncio's log and its warnings, caught in order."""

import gc
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOG = logging.getLogger("asyncio")


@contextmanager
def quiet(forget: Callable[[], object] = list) -> Iterator[list[str]]:
    """Catch what is logged and warned, as a list that fills in the order in which it is said.

    The garbage collector is off meanwhile and runs once at the end; what is said only then is
    sorted, because the collector promises no order.

    Args:
        forget: Called before that, to drop tasks and coroutines.
    """
    said: list[str] = []
    handler = _Handler(said.append)
    was_collecting, level = gc.isenabled(), LOG.level
    gc.disable()
    gc.freeze()
    LOG.addHandler(handler)
    LOG.propagate = False
    LOG.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = lambda message, category, *_: said.append(
                f"{category.__name__}: {first_line(str(message))}"
            )
            yield said
            forget()
            at_once = len(said)
            gc.collect()
            said[at_once:] = sorted(said[at_once:])
    finally:
        gc.unfreeze()
        LOG.setLevel(level)
        LOG.propagate = True
        LOG.removeHandler(handler)
        if was_collecting:
            gc.enable()


class _Handler(logging.Handler):
    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        lines = record.getMessage().splitlines()
        names = re.findall(r"coro=<([^ ]+)", record.getMessage())
        error = record.exc_info[1] if record.exc_info else None
        self._say(f"{record.levelname}: {lines[0]} {names} {error!r}")


def first_line(text: str) -> str:
    """Return a text's first line: debug mode adds where a coroutine was made."""
    return text.splitlines()[0]
