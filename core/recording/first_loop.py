"""A recording that begins with the first event loop that runs, and not at all where none does.

Of many processes or tests most run no loop: those pay nothing, and leave no file.
"""

from asyncio import events
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

OWN_LOOPS: WeakSet[Any] = WeakSet()
"""Loops of the recorder itself, by which it measures what it costs: none of them is the first."""


class FirstLoop:
    """Calls a function once, when an event loop of this process is about to run."""

    def __init__(self, begin: Callable[[], object]) -> None:
        """Wait from now on for a loop, in any thread, and call `begin` in there.

        A recording that it starts has the loop from its first step on. It must not raise.
        """
        # of several threads only one gets it: `pop` is one call into C
        self._waiting = [begin]
        self._before = before = events._set_running_loop

        def set_running_loop(loop: Any) -> None:
            # Where there is another function in front of this one, as that of a recording which the
            # program makes of itself, the loop is not ours.
            is_in_front = loop is not None and events._set_running_loop is set_running_loop
            if is_in_front and loop not in OWN_LOOPS and self._begins():
                events._set_running_loop(loop)  # what records by now
            else:
                before(loop)

        self._own = set_running_loop
        # `run_forever` looks the function up in its module at each call
        events._set_running_loop = set_running_loop

    def _begins(self) -> bool:
        try:
            begin = self._waiting.pop()
        except IndexError:
            return False
        events._set_running_loop = self._before
        begin()
        return True

    def stop(self) -> None:
        """Wait no longer."""
        self._waiting.clear()
        if events._set_running_loop is self._own:
            events._set_running_loop = self._before
