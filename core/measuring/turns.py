"""Whose turn it is: which batches of runs are measured now, and which wait until they fit.

There are two lanes. Light batches mostly sleep, so many go side by side; heavy ones keep whole
processors busy and get them one after another. Owners take turns within a lane, and each owner has
one batch at a time: so somebody who asks a hundred times waits for a hundred turns, and nobody else
does.
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
            if turn.began_s is None:
                held_back |= {lane} if self._has_children_for(turn) else set(Lane)

    def _fits(self, turn: Turn) -> bool:
        lane = turn.cost.lane
        beside = [each.cost.cores for each in self.going_on if each.cost.lane is lane]
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
        for turn in begun:
            turn.begin(turn)
