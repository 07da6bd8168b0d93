"""A recording that begins with the first event loop that runs, and not at all where none does.

Of many processes or tests most run no loop: those pay nothing, and leave no file. A loop is one of
asyncio or of any other package that says which one runs, as uvloop does, or a run of trio. Nothing
in here imports asyncio or trio before the program does.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import WeakSet

from .once_imported import forget_import, once_imported

OWN_LOOPS: WeakSet[Any] = WeakSet()
"""Loops of the recorder itself, by which it measures what it costs: none of them is the first."""
LOOPS = "asyncio"
INSTRUMENTS = "trio._core._instrumentation"
"""Each run of trio makes one collection of its instruments, which is of a class in there."""
RUN = "trio._core._run"


class FirstLoop:
    """Calls a function once, when an event loop of this process is about to run."""

    def __init__(self, begin: Callable[[], object]) -> None:
        """Wait from now on for a loop, in any thread, and call `begin` in there.

        A recording that it starts has the loop from its first step on. It must not raise. A run of
        trio that goes on in this thread counts from its next turn on.
        """
        # of several threads only one gets it: `pop` is one call into C
        self._waiting = [begin]
        self._replaced: list[tuple[Any, str, Any, Any]] = []
        self._joining: list[Callable[[], object]] = []
        once_imported(LOOPS, self._wait_for_loop)
        once_imported(INSTRUMENTS, self._wait_for_run)

    def _replace(self, owner: Any, name: str, own: Any) -> None:
        self._replaced.append((owner, name, getattr(owner, name), own))
        setattr(owner, name, own)

    def _wait_for_loop(self) -> None:
        asyncio, events = sys.modules[LOOPS], sys.modules[f"{LOOPS}.events"]
        before = events._set_running_loop

        def set_running_loop(loop: Any) -> None:
            # Where there is another function in front of this one, as that of a recording which the
            # program makes of itself, the loop is not ours.
            is_in_front = loop is not None and events._set_running_loop is set_running_loop
            if is_in_front and loop not in OWN_LOOPS and self._begins():
                events._set_running_loop(loop)  # what records by now
            else:
                before(loop)

        # `run_forever` looks the function up in its module at each call; uvloop takes that of the
        # package when it is imported, and keeps it.
        self._replace(events, "_set_running_loop", set_running_loop)
        self._replace(asyncio, "_set_running_loop", set_running_loop)

    def _wait_for_run(self) -> None:
        kind: Any = sys.modules[INSTRUMENTS].Instruments
        before = kind.__init__

        def __init__(instruments: Any, incoming: Any) -> None:  # noqa: N807 - as it is called
            if kind.__init__ is __init__ and self._begins():
                kind.__init__(instruments, incoming)  # what records by now
            else:
                before(instruments, incoming)

        self._replace(kind, "__init__", __init__)
        context = getattr(sys.modules.get(RUN), "GLOBAL_RUN_CONTEXT", None)
        runner = getattr(context, "runner", None)
        if runner is not None:
            instrument = NextTurn(self._begins)
            runner.instruments.add_instrument(instrument)
            self._joining.append(partial(_remove, runner.instruments, instrument))

    def _begins(self) -> bool:
        try:
            begin = self._waiting.pop()
        except IndexError:
            return False
        self._leave()
        begin()
        return True

    def _leave(self) -> None:
        forget_import(LOOPS, self._wait_for_loop)
        forget_import(INSTRUMENTS, self._wait_for_run)
        while self._joining:
            self._joining.pop()()
        while self._replaced:
            owner, name, before, own = self._replaced.pop()
            # What the program has put in its place meanwhile stays.
            if vars(owner).get(name) is own:
                setattr(owner, name, before)

    def stop(self) -> None:
        """Wait no longer."""
        self._waiting.clear()
        self._leave()


class NextTurn:
    """An instrument of a run of trio that goes on: it calls a function before its next step."""

    def __init__(self, begins: Callable[[], object]) -> None:
        self._begins = begins

    def after_io_wait(self, timeout: float) -> None:  # noqa: ARG002 - as trio calls it
        """Call it: no task runs now, so what records from now on has all of their steps."""
        self._begins()


def _remove(instruments: Any, instrument: NextTurn) -> None:
    if instrument in instruments["_all"]:
        instruments.remove_instrument(instrument)
