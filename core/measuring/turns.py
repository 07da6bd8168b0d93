"""When runs begin: those of a page just opened once it rests, and all when it is their turn.

There are two lanes. Light batches mostly sleep, so many go side by side, up to three quarters of
the processors; heavy ones keep whole processors busy and get them one after another. The lanes do
not wait for one another: the system lets sleepers preempt. Owners take turns within a lane, and
each owner has one batch at a time: so somebody who asks a hundred times waits for a hundred turns,
and nobody else does. What waits has no thread.

`TurnQueue` and `OpeningQueue` have the rules, without clocks and threads, so that tests drive them
by hand; `Turns` and `Rest` let any number of threads use them.
"""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import zip_longest

from core.errors import ServerFull
from core.spec.limits import LIMITS, processors

LIGHT_SHARE = 0.75
"""Which share of the processors light batches may need together: sleepers must wake up in time."""
PAINT_LIMIT_S = 10.0
"""A cold browser on a busy machine takes some seconds to paint a page; a script never says so."""
CALM_S = 0.15
CALM_LIMIT_S = 1.5
"""On a machine that is never calm the runs begin all the same; they say that it disturbed them."""
LOOK_EVERY_S = 0.01
LATE_S = 0.003
"""A sleeper is woken within a tenth of a millisecond, unless all processors have other work."""


class Lane(StrEnum):
    """The two kinds of batches, which do not wait for one another."""

    LIGHT = "light"
    HEAVY = "heavy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What measuring a batch takes of the machine.

    Attributes:
        cores: How many processors it keeps busy on average.
        children: How many processes it starts.
        seconds: How long it takes at best.
        lane: Where it queues.
    """

    cores: float
    children: int
    seconds: float
    lane: Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What may be taken at the same time: processors in each lane, processes, and places to wait.

    A batch that needs more than all of it goes alone.
    """

    cores: float = field(default_factory=processors)
    children: int = LIMITS.children
    waiting: int = LIMITS.waiting

    def of(self, lane: Lane) -> float:
        """Return how many processors the batches of a lane may keep busy together."""
        return self.cores * LIGHT_SHARE if lane is Lane.LIGHT else self.cores


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long a batch still has to wait.

    Attributes:
        place: Its place in the queue, from 1.
        seconds: About how long it takes until its turn, if all goes well.
    """

    place: int
    seconds: float


@dataclass(slots=True, eq=False, kw_only=True)
class Turn:
    """A batch that waits or goes on; `begin` is called, with the turn, when it may go on."""

    owner: Hashable
    cost: Cost
    begin: Callable[["Turn"], None]
    began_s: float | None = None


class TurnQueue:
    """The rules, without threads and clocks: each method says what may begin because of it."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._waiting: OrderedDict[Hashable, deque[Turn]] = OrderedDict()
        self._going_on: dict[Hashable, Turn] = {}

    @property
    def going_on(self) -> list[Turn]:
        """The turns that have begun."""
        return list(self._going_on.values())

    @property
    def waiting(self) -> list[Turn]:
        """The turns that have not, in the order in which they come."""
        # Round by round: the first of each owner, then the second of each, as `end` deals them.
        rounds = zip_longest(*self._waiting.values())
        return [turn for each in rounds for turn in each if turn is not None]

    def add(self, turn: Turn) -> None:
        """Let a turn wait.

        Raises:
            ServerFull: If too many wait already.
        """
        if sum(map(len, self._waiting.values())) >= self._capacity.waiting:
            raise ServerFull(self._capacity.waiting)
        self._waiting.setdefault(turn.owner, deque()).append(turn)

    def withdraw(self, turn: Turn) -> bool:
        """Let a turn wait no longer; return whether it did."""
        turns = self._waiting.get(turn.owner)
        if turns is None or turn not in turns:
            return False
        turns.remove(turn)
        if not turns:
            del self._waiting[turn.owner]
        return True

    def end(self, turn: Turn) -> None:
        """Give back what a turn has taken; its owner's next one waits behind those of others."""
        if self._going_on.get(turn.owner) is turn:
            del self._going_on[turn.owner]
        # The dictionary's order is that of the turns: others come before this owner again.
        if turn.owner in self._waiting:
            self._waiting.move_to_end(turn.owner)

    def begin(self, now_s: float) -> list[Turn]:
        """Let all begin that fit, and return them.

        What does not fit holds back those of its lane that come later, so that a wide batch is not
        overtaken for ever.
        """
        begun = []
        for turn in self._first_of_each_free_owner():
            if not self._fits(turn):
                continue
            self.withdraw(turn)
            self._going_on[turn.owner] = turn
            turn.began_s = now_s
            begun.append(turn)
        return begun

    def wait_of(self, turn: Turn, now_s: float) -> Wait | None:
        """Return how long a turn has to wait for those of others; None if it does not."""
        order = [each for each in self.waiting if each.cost.lane is turn.cost.lane]
        if turn not in order or turn.owner in self._going_on:
            return None
        ahead = order[: order.index(turn)]
        capacity = self._capacity.of(turn.cost.lane)
        going_on = [each for each in self.going_on if each.cost.lane is turn.cost.lane]
        # In seconds of a processor; as if all capacity were used all the time, so it is the least.
        work = [min(each.cost.cores, capacity) * _left_s(each, now_s) for each in going_on]
        work += [min(each.cost.cores, capacity) * each.cost.seconds for each in ahead]
        return Wait(place=len(ahead) + 1, seconds=math.fsum(work) / capacity)

    def _first_of_each_free_owner(self) -> Iterator[Turn]:
        held_back: set[Lane] = set()
        for owner, turns in list(self._waiting.items()):
            turn = turns[0]
            lane = turn.cost.lane
            if owner in self._going_on or lane in held_back:
                continue
            yield turn
            # Processors are counted by lane, processes for both: who lacks these holds back all.
            if turn.began_s is None:
                held_back |= {lane} if self._has_children_for(turn) else set(Lane)

    def _fits(self, turn: Turn) -> bool:
        lane = turn.cost.lane
        beside = [each.cost.cores for each in self.going_on if each.cost.lane is lane]
        # What is wider than the lane goes when the lane is empty, or it would wait for ever.
        has_cores = not beside or math.fsum(beside) + turn.cost.cores <= self._capacity.of(lane)
        return has_cores and self._has_children_for(turn)

    def _has_children_for(self, turn: Turn) -> bool:
        children = sum(each.cost.children for each in self.going_on) + turn.cost.children
        return not self._going_on or children <= self._capacity.children


def _left_s(turn: Turn, now_s: float) -> float:
    begun_s = now_s if turn.began_s is None else turn.began_s
    return max(0.0, begun_s + turn.cost.seconds - now_s)


class Turns:
    """The turns of this process, for any number of threads."""

    def __init__(
        self, capacity: Capacity | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin with nothing asked for; `clock` returns seconds."""
        self._queue = TurnQueue(capacity or Capacity())
        self._clock = clock
        self._lock = threading.Lock()

    def ask(self, owner: Hashable, cost: Cost, begin: Callable[[Turn], None]) -> Turn:
        """Ask for a turn; `begin` is called with it when it comes, which may be at once.

        It is called in the thread that made room, must not take long, and each call is answered
        by one of `end`. No thread waits meanwhile.

        Raises:
            ServerFull: If too many wait already.
        """
        turn = Turn(owner=owner, cost=cost, begin=begin)
        with self._lock:
            self._queue.add(turn)
            begun = self._queue.begin(self._clock())
        self._tell(begun)
        return turn

    def withdraw(self, turn: Turn) -> bool:
        """Let a turn wait no longer; return whether it did, so that it will never begin."""
        with self._lock:
            withdrawn = self._queue.withdraw(turn)
            begun = self._queue.begin(self._clock())
        self._tell(begun)
        return withdrawn

    def end(self, turn: Turn) -> None:
        """Give back what a turn has taken; others begin."""
        with self._lock:
            self._queue.end(turn)
            begun = self._queue.begin(self._clock())
        self._tell(begun)

    def wait_of(self, turn: Turn) -> Wait | None:
        """Return how long a turn has to wait for those of others; None if it does not."""
        with self._lock:
            return self._queue.wait_of(turn, self._clock())

    def counts(self) -> tuple[int, int]:
        """Return how many turns have begun and how many wait."""
        with self._lock:
            return len(self._queue.going_on), len(self._queue.waiting)

    @staticmethod
    def _tell(begun: list[Turn]) -> None:
        # Without the lock: where `begin` can start no thread, it calls `end` at once.
        for turn in begun:
            turn.begin(turn)


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
    """Lets runs begin once their pages have come to rest: one thread looks for all of them.

    A server that imports, a browser that paints and a zygote that gets warm would be in the picture
    that everybody sees first. So these runs wait until the page says that it is painted, and then
    until a thread that sleeps is woken in time. Neither wait is without an end: a script paints
    nothing, and a machine may be busy all day. A press of Run waits for none of it.
    """

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
            # `time.sleep` waits by the monotonic clock to the nanosecond (Python 3.11 and newer),
            # so what it oversleeps is the time that it waited for a processor.
            if now_s - before_s > LOOK_EVERY_S + LATE_S:
                calm_since_s = now_s
            with self._lock:
                due = self._queue.take_due(now_s, calm_since_s)
                goes_on = self._looks = bool(self._queue.waiting)
            _begin(due)
            before_s = time.monotonic()  # what the runs took to begin is not the machine's doing


def _begin(due: list[Opening]) -> None:
    for opening in due:
        opening.begin()
