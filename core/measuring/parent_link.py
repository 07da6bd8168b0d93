"""The measuring child's link to its parent: what is recorded goes up, a command comes down."""

import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.process import current_process
from typing import BinaryIO, NoReturn

from core.jobs import RunFacts
from core.measuring.program import Pool
from core.measuring.resources import memory_is_short
from core.measuring.wire import (
    OUT_OF_MEMORY,
    STOP,
    Commands,
    Tag,
    frame,
    json_frame,
    now_frame,
)
from core.recording.interference import CollectionWatch, thread_clocks
from core.recording.pools import RecordedProcessPool
from core.recording.recorder import Recorder
from core.recording.watch import StepWatch

END_LIMIT_S = 1.0


def end_what_starts_workers() -> None:
    """End the workers that are left, and what multiprocessing has started to start them.

    Since Python 3.14 a pool on Linux has a fork server unless it asks for `fork`; with one, and
    with `spawn`, a resource tracker removes what nobody uses any more, semaphores above all. Each
    ends when those before it have. What does not end within a second is left to the parent.
    """
    ending = threading.Thread(target=_end_in_order, name="end of workers", daemon=True)
    ending.start()
    ending.join(END_LIMIT_S)


def _end_in_order() -> None:
    workers = multiprocessing.active_children()
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.join()
    for module, variable in (
        ("multiprocessing.forkserver", "_forkserver"),
        ("multiprocessing.resource_tracker", "_resource_tracker"),
    ):
        if module in sys.modules:
            getattr(sys.modules[module], variable)._stop()  # noqa: SLF001 - it has no public end
    folder = current_process()._config.get("tempdir")  # type: ignore[attr-defined]  # noqa: SLF001
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _kill_own_group() -> None:
    """End this process and all of its group at once, if it leads one; Windows has no groups."""
    if sys.platform != "win32" and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)


SHIP_EVERY_S = 0.05
MOST_WITHOUT_MEMORY = 1_000
LOOK_EVERY_S = 0.01
SPEAK_EVERY_S = 0.2
"""The child says so often that it can speak, also if nothing happens."""


class ParentLink(threading.Thread):
    """Ships what is recorded while the run goes on, and obeys the parent, alive or gone.

    A thread and not a signal: signals are handled between two bytecodes of the measured code, and
    would be part of what is measured; a call into C would delay them, and the program may catch
    them. The end of the commands means that the parent is gone: the child ends, too. The thread is
    started after a pool of processes has been forked, since a fork copies no other threads.
    """

    def __init__(
        self,
        commands: Commands,
        events: BinaryIO,
        recorder: Recorder,
        facts: Callable[[], RunFacts] = RunFacts,
    ) -> None:
        """Watch a pipe for commands and write to a descriptor what is recorded.

        `facts` returns what is known of the run so far, for one that is stopped; one that ends
        tells it with its results.
        """
        super().__init__(name="parent link", daemon=True)
        self._commands = commands
        self._events = events
        self._facts = facts
        self._recorder = recorder
        self._watch = StepWatch(recorder)
        self._collections = CollectionWatch(recorder)
        recorder.thread_clocks = thread_clocks()
        self._shipping = threading.Lock()
        self._finished = threading.Event()
        self._said: bytes | None = None
        self._speak_s = 0.0
        self.events_shipped = 0
        self.pool: Pool | None = None

    def run(self) -> None:
        """Ship twenty times a second until the run has finished; end the process on command.

        In between look at what holds the loop. Without memory nothing goes on: end and say so.
        """
        self._recorder.own_threads.add(threading.get_native_id())
        self._collections.begin()
        try:
            self._ship_and_obey()
        except MemoryError:
            self._end_without_memory()

    def _ship_and_obey(self) -> None:
        wait_s = ship_s = 0.0
        while not self._finished.is_set():
            if self._commands.comes_within(wait_s):
                command = self._commands.receive()
                # Nothing is what comes when the parent is gone.
                if command in {STOP, b""}:
                    self._end_now(orphaned=not command)
            self._watch.look()
            if memory_is_short():
                raise MemoryError
            if time.monotonic() >= ship_s:
                if ship_s:
                    self._watch.read_delays()
                # A look at a worker takes 20 us, so there are fewer of them. One that has met its
                # limit would make objects ever more slowly, and come to no end.
                if any(map(memory_is_short, self._workers)):
                    raise MemoryError
                self._ship_or_end()
                ship_s = time.monotonic() + SHIP_EVERY_S
            wait_s = LOOK_EVERY_S

    @property
    def _workers(self) -> tuple[int, ...]:
        return self.pool.pids if isinstance(self.pool, RecordedProcessPool) else ()

    def _ship_or_end(self) -> None:
        try:
            self.ship()
        except BrokenPipeError:
            self._end_now(orphaned=True)

    def finish(self) -> None:
        """Ship the rest; from now on the parent is not listened to."""
        self._finished.set()
        self._collections.end()
        self.ship()

    def ship(self) -> None:
        """Send what has gathered since the last time."""
        with self._shipping:
            self._ship()

    def _ship(self, *, last: bool = False, most: int | None = None) -> None:
        """Send rows, texts, and what is under way; the latter is looked at when the rows are taken.

        So a step that ends between the two is under way for the parent until its row comes.
        """
        parcel = self._recorder.take()
        if not self._finished.is_set():
            self._say_what_is_under_way(last=last, most=most)
        if parcel.events:
            self._events.write(frame(Tag.EVENTS, parcel.events))
            self.events_shipped += len(parcel.events)
        if parcel.log or parcel.sites or parcel.dropped_events or parcel.dropped_lines:
            texts = {
                "log": [(line.at_ns, line.text) for line in parcel.log],
                "sites": parcel.sites,
                "dropped_events": parcel.dropped_events,
                "dropped_lines": parcel.dropped_lines,
            }
            self._events.write(json_frame(Tag.TEXTS, **texts))

    def _say_what_is_under_way(self, *, last: bool, most: int | None) -> None:
        under_way = self._watch.snapshot(last=last, most=most)
        now_s = time.monotonic()
        if last or under_way != self._said or now_s >= self._speak_s:
            self._events.write(now_frame(self._recorder.clock(), under_way))
            self._said, self._speak_s = under_way, now_s + SPEAK_EVERY_S

    def _end_without_memory(self) -> NoReturn:
        """End the process and say why; what has gathered and what is under way go along.

        Of many jobs it is not gathered who could run: the program's thread takes more meanwhile.
        """
        self._shipping.acquire()
        try:
            self._ship(last=True, most=MOST_WITHOUT_MEMORY)
        finally:
            self._events.write(OUT_OF_MEMORY)
            os._exit(1)

    def _end_now(self, *, orphaned: bool) -> NoReturn:
        """End the process; a pattern that comes back from its broken pool must not tell of it.

        One that is `orphaned` ends what the program has started, too; otherwise its parent does.
        """
        self._shipping.acquire()  # for good: nobody ships any more
        try:
            facts = self._facts()  # while the workers of the pool can be asked
            if isinstance(self.pool, RecordedProcessPool):
                self.pool.kill()
            end_what_starts_workers()
            self._ship(last=True)
            self._events.write(json_frame(Tag.FACTS, **facts.facts))
        finally:
            if orphaned:
                _kill_own_group()
            os._exit(0)
