"""What people guess of a run before they see it, the answers, and the order of arrival.

The choices are the ideas that people have of concurrency, right ones and misconceptions alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.analysis.metrics import did_all, tells_of_its_pattern
from core.analysis.processes import began_ns
from core.analysis.side_by_side import short_names
from core.analysis.summary import caveat_text, reason
from core.patterns import PATTERNS
from core.spec.ideal import NS_PER_S, ideal_of
from core.spec.limits import cpu_count
from core.spec.run_spec import Program, RunSpec
from core.text.language import _, duration_text
from core.timeline.timeline import Integers, Outcome, Timeline

MAX_NUMBERS = 12
CLOSE_SHARE = 1 / 20
"""Ends that are apart by less than this share of the last end are at about the same time."""
AS_PLANNED = 1.5
"""How many times its ideal a run may take and still count as one that went as the ideal does."""


class Idea(StrEnum):
    """How somebody may imagine that jobs are carried out."""

    NOBODY_WAITS = "nobody waits"
    TOGETHER = "together"
    BLOCKING_IN_TURN = "blocking in turn"
    SLEEPS_MEANWHILE = "sleeps meanwhile"
    SLEEPS_AFTERWARDS = "sleeps afterwards"
    IN_WAVES = "in waves"
    ONE_BY_ONE = "one by one"
    AS_PLANNED = "as planned"


class Order(StrEnum):
    """In which order jobs end."""

    FORWARD = "forward"
    BACKWARD = "backward"
    MIXED = "mixed"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """How long a run takes if an idea of it is right; `at_once` jobs go on at a time."""

    idea: Idea
    wall_ns: int
    at_once: int


def guesses(program: Program) -> list[Guess]:
    """Return what can be guessed of a run's wall time: different times, the shortest first.

    The ideal is among them, where the pattern has one. Of somebody's own program nothing can be
    guessed.
    """
    return _guesses(program) if isinstance(program, RunSpec) else []


def _guesses(spec: RunSpec) -> list[Guess]:
    sleeps_ns = [round(spec.plan.sleep_s(index) * NS_PER_S) for index in range(spec.tasks)]
    longest_ns = max(sleeps_ns)
    # Without pool or limit the waves are as wide as the machine: that asyncio has a core for each
    # job is a belief that the run then answers.
    workers = min(spec.pool_size or spec.limit or cpu_count(), spec.tasks)
    waves = -(-spec.tasks // workers)
    best = ideal_of(spec)
    as_planned = [] if best is None else [best.wall_ns]
    choices = [
        Guess(idea=Idea.TOGETHER, wall_ns=longest_ns, at_once=spec.tasks),
        Guess(idea=Idea.ONE_BY_ONE, wall_ns=sum(sleeps_ns), at_once=1),
        Guess(idea=Idea.NOBODY_WAITS, wall_ns=0, at_once=0),
        *_blocking_in_turn(spec, sleeps_ns),
        Guess(idea=Idea.IN_WAVES, wall_ns=waves * longest_ns, at_once=workers),
        *(Guess(idea=Idea.AS_PLANNED, wall_ns=each, at_once=spec.tasks) for each in as_planned),
    ]
    # Several ideas can give the same time. A visitor chooses a time, so it has one idea, the first
    # of the list: those that need no knowledge of the pattern stand before the ideal.
    by_time: dict[int, Guess] = {}
    for guess in choices:
        by_time.setdefault(guess.wall_ns, guess)
    return [by_time[wall_ns] for wall_ns in sorted(by_time)]


def _blocking_in_turn(spec: RunSpec, sleeps_ns: Sequence[int]) -> list[Guess]:
    """Return the guesses of a pattern of which every second job blocks the event loop."""
    if not PATTERNS[spec.pattern].takes_both_kinds:
        return []
    now_ns = end_ns = 0
    # The even jobs block (as in `core.patterns`): each moves the clock for all that begin after it.
    # The others only sleep, from the moment at which the loop came to them.
    for index, sleep_ns in enumerate(sleeps_ns):
        end_ns = max(end_ns, now_ns + sleep_ns)
        if index % 2 == 0:
            now_ns += sleep_ns
    # Sleeps may also be under way before that, so that the blocking calls alone take time; or
    # nobody comes to them until the last blocking call is over.
    last_ns = now_ns + max(sleeps_ns[1::2], default=0)
    return [
        Guess(idea=Idea.BLOCKING_IN_TURN, wall_ns=end_ns, at_once=1),
        Guess(idea=Idea.SLEEPS_MEANWHILE, wall_ns=now_ns, at_once=1),
        Guess(idea=Idea.SLEEPS_AFTERWARDS, wall_ns=last_ns, at_once=1),
    ]


def idea_text(guess: Guess) -> str:
    """Return a guess as people choose it: a time, and the idea behind it."""
    text = {
        Idea.NOBODY_WAITS: _("{time}: nobody waits for the jobs"),
        Idea.TOGETHER: _("{time}: all at once"),
        Idea.IN_WAVES: _("{time}: {at_once:,} at a time"),
        Idea.BLOCKING_IN_TURN: _("{time}: the blocking calls one after another"),
        Idea.SLEEPS_MEANWHILE: _("{time}: the blocking calls, and the others sleep meanwhile"),
        Idea.SLEEPS_AFTERWARDS: _("{time}: the blocking calls, and then all others at once"),
        Idea.ONE_BY_ONE: _("{time}: one after another"),
        Idea.AS_PLANNED: _("{time}: something else"),
    }[guess.idea]
    return text.format(time=duration_text(guess.wall_ns), at_once=guess.at_once)


def order_texts() -> dict[Order, str]:
    """Return the orders as people choose them."""
    return {
        Order.FORWARD: _("the first job first"),
        Order.BACKWARD: _("the last job first"),
        Order.MIXED: _("in another order"),
        Order.TOGETHER: _("all at about the same time"),
    }


def is_right(guess: Guess, timeline: Timeline) -> bool:
    """Return whether no other guess came closer to what a run took."""
    misses = {each: abs(each.wall_ns - timeline.wall_ns) for each in guesses(timeline.program)}
    return misses[guess] == min(misses.values())


def verdict(guess: Guess, timeline: Timeline) -> str:
    """Return the answer to a guess of how long a run takes."""
    if caveat := caveat_text(timeline):
        text = _("You said {guess}, and it took {wall}; this run cannot answer it: {caveat}.")
    elif is_right(guess, timeline):
        text = _("Right: you said {guess}, and it took {wall}, since {reason}.")
    else:
        text = _("You said {guess}, but it took {wall}, since {reason}.")
    return text.format(
        guess=idea_text(guess),
        wall=duration_text(timeline.wall_ns),
        reason=reason(timeline),
        caveat=caveat,
    )


def orders_of_ends(timeline: Timeline) -> frozenset[Order]:
    """Return the orders in which jobs ended well, of which each is a right answer.

    One is that of the measured ends, of which those that are close to one another count as equal.
    Of jobs that wait equally long, which ends first may be another one each time. So where the
    ideal lets several end together, its order is right, too, unless the run took much longer.
    """
    jobs, best = timeline.jobs, ideal_of(timeline.program)
    well = np.array([outcome is Outcome.OK for outcome in jobs.outcome], dtype=bool)
    measured = jobs.ended_ns[well][np.argsort(jobs.number[well])]
    found = {_order(measured, int(measured.max(initial=0) * CLOSE_SHARE))}
    if best is not None and timeline.wall_ns <= best.wall_ns * AS_PLANNED:
        planned = np.array(best.end_ns, dtype=np.int64)
        # Only then is the planned order another right answer. Where all planned ends differ, the
        # measured order is the one that counts.
        if len(np.unique(planned)) < len(planned):
            found.add(_order(planned, 0))
    return frozenset(found)


def _order(ends_ns: Integers, close_ns: int) -> Order:
    # Each end is compared with the latest before it, not with its neighbour: many small steps back
    # would otherwise add up to an order that is no longer forward.
    forward = bool((np.maximum.accumulate(ends_ns) - ends_ns <= close_ns).all())
    backward = bool((ends_ns - np.minimum.accumulate(ends_ns) <= close_ns).all())
    if forward and backward and len(ends_ns) > 1:
        return Order.TOGETHER
    if forward:
        return Order.FORWARD
    return Order.BACKWARD if backward else Order.MIXED


def order_verdict(order: Order, timeline: Timeline) -> str:
    """Return the answer to a guess of the order in which a run's jobs end."""
    numbers: Sequence[int] = (_numbers_by_end(timeline) + 1).tolist()
    shown = ", ".join(str(number) for number in numbers[:MAX_NUMBERS])
    if len(numbers) > MAX_NUMBERS:
        shown += ", …"
    right = orders_of_ends(timeline)
    if order in right:
        text = _("The order was right: {numbers}.")
    elif Order.TOGETHER in right:
        text = _("They ended at about the same time, in an order that is not sure: {numbers}.")
    else:
        text = _("The order was another one: {numbers}.")
    return text.format(numbers=shown)


def _numbers_by_end(timeline: Timeline) -> Integers:
    jobs = timeline.jobs
    well = np.array([outcome is Outcome.OK for outcome in jobs.outcome], dtype=bool)
    in_order: Integers = jobs.number[well][np.argsort(jobs.ended_ns[well], kind="stable")]
    return in_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The end of a run.

    Attributes:
        wall_ns: When it came, on the axis of all: its wall time, or later for a child process.
        rank: Its place, from 1; runs whose times read the same share one.
        text: What to say of it.
    """

    wall_ns: int
    rank: int
    text: str


def arrivals(timelines: Sequence[Timeline]) -> list[Arrival]:
    """Return the ends of finished runs, in the order in which they came."""
    began = began_ns(timelines)
    ends_ns = [at_ns + each.wall_ns for at_ns, each in zip(began, timelines, strict=True)]
    places = sorted(range(len(ends_ns)), key=ends_ns.__getitem__)
    names = short_names([each.program for each in timelines])
    times = [duration_text(timelines[place].wall_ns) for place in places]
    return [
        Arrival(
            wall_ns=ends_ns[place],
            # Texts, not nanoseconds: two runs that read `1.01 s` are no first and second.
            rank=times.index(time) + 1,
            text=" ".join(filter(None, [f"{names[place]}: {time}", _caveat(timelines[place])])),
        )
        for place, time in zip(places, times, strict=True)
    ]


def ranked(timelines: Sequence[Timeline]) -> bool:
    """Whether runs have a first and a last: several, each whole and undisturbed.

    A program and its child processes do not race.
    """
    return (
        len(timelines) > 1
        and not any(began_ns(timelines))
        and all(did_all(each) and tells_of_its_pattern(each) for each in timelines)
    )


def _caveat(timeline: Timeline) -> str:
    caveat = caveat_text(timeline)
    return f"({caveat})" if caveat else ""
