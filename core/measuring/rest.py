"""Runs that are in no hurry: those of a page that was just opened begin when it has come to rest.

A server that imports, a browser that paints and a zygote that gets warm would be in the picture
that everybody sees first. So these runs wait until the page says that it is painted, and then until
a thread that sleeps is woken in time. Neither wait is without an end: a page may never say so, and
a machine may be busy all day.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PAINT_LIMIT_S = 10.0
"""A cold browser on a busy machine takes some seconds to paint a page; a script never says so."""
CALM_S = 0.15
CALM_LIMIT_S = 1.5
"""On a machine that is never calm the runs begin all the same; they say that it disturbed them."""
LOOK_EVERY_S = 0.01
LATE_S = 0.003
"""A sleeper is woken within a tenth of a millisecond, unless all processors have other work."""


@dataclass(slots=True, eq=False, kw_only=True)
class Opening:
    """Runs that wait for a page to come to rest; `begin` is called once when it has."""

    begin: Callable[[], None]
    asked_s: float
    painted_s: float | None = None


@dataclass(slots=True)
class OpeningQueue:
    """The rules, without threads and clocks."""

    paint_limit_s: float
    waiting: list[Opening] = field(default_factory=list)

    def withdraw(self, opening: Opening) -> bool:
        """Let an opening wait no longer; return whether it did."""
        if opening not in self.waiting:
            return False
        self.waiting.remove(opening)
        return True

    def take_due(self, now_s: float, calm_since_s: float) -> list[Opening]:
        """Remove and return those whose runs may begin; the machine is calm since a moment."""
        due = [each for each in self.waiting if self._is_due(each, now_s, calm_since_s)]
        self.waiting = [each for each in self.waiting if each not in due]
        return due

    def _is_due(self, opening: Opening, now_s: float, calm_since_s: float) -> bool:
        painted_s = opening.painted_s
        if painted_s is None:
            return now_s - opening.asked_s >= self.paint_limit_s
        calm_s = now_s - max(calm_since_s, painted_s)
        return calm_s >= CALM_S or now_s - painted_s >= CALM_LIMIT_S


class Rest:
    """Lets runs begin once their pages have come to rest: one thread looks for all of them."""

    def __init__(self, paint_limit_s: float = PAINT_LIMIT_S) -> None:
        """Wait for at most some seconds for a page to be painted."""
        self._queue = OpeningQueue(paint_limit_s)
        self._lock = threading.Lock()
        self._looks = False

    def wait(self, begin: Callable[[], None]) -> Opening:
        """Call `begin` when a page has come to rest, in another thread; it must not take long.

        Where there can be no other thread it is called at once.
        """
        opening = Opening(begin=begin, asked_s=time.monotonic())
        with self._lock:
            self._queue.waiting.append(opening)
            starts, self._looks = not self._looks, True
        if starts:
            self._start()
        return opening

    def painted(self, opening: Opening) -> None:
        """Note that the page is painted; only the first time counts."""
        with self._lock:
            if opening.painted_s is None:
                opening.painted_s = time.monotonic()

    def withdraw(self, opening: Opening) -> bool:
        """Let an opening wait no longer; return whether it did, so that it will never begin."""
        with self._lock:
            return self._queue.withdraw(opening)

    def awaits_paint(self, opening: Opening) -> bool:
        """Whether an opening waits, and its page has not said that it is painted."""
        with self._lock:
            return opening in self._queue.waiting and opening.painted_s is None

    def _start(self) -> None:
        try:
            threading.Thread(target=self._look, name="rest", daemon=True).start()
        except RuntimeError:
            with self._lock:
                self._looks = False
                due, self._queue.waiting = self._queue.waiting, []
            _begin(due)

    def _look(self) -> None:
        before_s = calm_since_s = time.monotonic()
        goes_on = True
        while goes_on:
            time.sleep(LOOK_EVERY_S)
            now_s = time.monotonic()
            if now_s - before_s > LOOK_EVERY_S + LATE_S:
                calm_since_s = now_s
            with self._lock:
                due = self._queue.take_due(now_s, calm_since_s)
                goes_on = self._looks = bool(self._queue.waiting)
            _begin(due)
            before_s = time.monotonic()


def _begin(due: list[Opening]) -> None:
    for opening in due:
        opening.begin()
