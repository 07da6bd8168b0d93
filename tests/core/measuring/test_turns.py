"""Whose turn it is: the rules, on a clock of the test's own."""

import threading
from collections.abc import Hashable
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ServerFull
from core.measuring.turns import Capacity, Cost, Lane, Turn, TurnQueue, Turns, Wait

TWO_CORES = Capacity(cores=2, children=100, waiting=50)
LIGHT = Cost(cores=0.02, children=1, seconds=0.2, lane=Lane.LIGHT)
HEAVY = Cost(cores=1, children=1, seconds=3, lane=Lane.HEAVY)
WIDE = Cost(cores=2, children=3, seconds=4, lane=Lane.HEAVY)


def asking(owner: Hashable, cost: Cost) -> Turn:
    return Turn(owner=owner, cost=cost, begin=lambda turn: None)


def queue_of(*turns: Turn, capacity: Capacity = TWO_CORES) -> TurnQueue:
    queue = TurnQueue(capacity)
    for turn in turns:
        queue.add(turn)
    return queue


def owners(turns: list[Turn]) -> list[Hashable]:
    return [turn.owner for turn in turns]


def test_light_batches_of_many_owners_go_side_by_side() -> None:
    queue = queue_of(*[asking(owner, LIGHT) for owner in range(50)])
    assert owners(queue.begin(0)) == list(range(50))
    assert queue.waiting == []


def test_light_batches_wait_once_they_need_their_share_of_the_processors() -> None:
    busy = Cost(cores=0.4, children=1, seconds=1, lane=Lane.LIGHT)
    queue = queue_of(*[asking(owner, busy) for owner in "abcde"])
    assert owners(queue.begin(0)) == ["a", "b", "c"]
    assert owners(queue.waiting) == ["d", "e"]


def test_heavy_batches_get_as_many_processors_as_there_are() -> None:
    first = asking("a", HEAVY)
    queue = queue_of(first, asking("b", HEAVY), asking("c", HEAVY))
    assert owners(queue.begin(0)) == ["a", "b"]
    queue.end(first)
    assert owners(queue.begin(1)) == ["c"]


def test_a_light_batch_does_not_wait_for_heavy_ones() -> None:
    queue = queue_of(asking("a", WIDE), asking("b", WIDE), asking("c", LIGHT))
    assert owners(queue.begin(0)) == ["a", "c"]


def test_a_wide_batch_is_not_overtaken_by_narrow_ones_of_its_lane() -> None:
    first = asking("a", HEAVY)
    queue = queue_of(first, asking("b", WIDE), asking("c", HEAVY))
    assert owners(queue.begin(0)) == ["a"]
    queue.end(first)
    assert owners(queue.begin(1)) == ["b"]


def test_a_batch_that_needs_more_than_there_is_goes_alone() -> None:
    huge = Cost(cores=16, children=1_000, seconds=1, lane=Lane.HEAVY)
    first, second = asking("a", huge), asking("b", HEAVY)
    queue = queue_of(first, second)
    assert queue.begin(0) == [first]
    assert queue.begin(1) == []
    queue.end(first)
    assert queue.begin(2) == [second]


def test_processes_are_counted_in_both_lanes() -> None:
    few = Capacity(cores=2, children=4, waiting=50)
    wide = asking("a", WIDE)
    queue = queue_of(wide, asking("b", LIGHT), asking("c", LIGHT), asking("d", HEAVY), capacity=few)
    assert owners(queue.begin(0)) == ["a", "b"]
    queue.end(wide)
    assert owners(queue.begin(1)) == ["c", "d"]


def test_an_owner_has_one_batch_at_a_time() -> None:
    first, second = asking("a", LIGHT), asking("a", LIGHT)
    queue = queue_of(first, second, asking("b", LIGHT))
    assert owners(queue.begin(0)) == ["a", "b"]
    queue.end(first)
    assert queue.begin(1) == [second]


def test_one_owners_flood_lets_another_wait_for_one_turn_only() -> None:
    flood = [asking("a", WIDE) for _ in range(20)]
    queue = queue_of(*flood)
    assert queue.begin(0) == flood[:1]
    queue.add(asking("b", WIDE))
    queue.end(flood[0])
    assert owners(queue.begin(1)) == ["b"]


def test_what_replaces_a_waiting_batch_takes_its_place() -> None:
    going_on, replaced, later = asking("a", WIDE), asking("b", WIDE), asking("c", WIDE)
    queue = queue_of(going_on, replaced, later)
    queue.begin(0)
    instead = asking("b", WIDE)
    queue.add(instead)
    assert queue.withdraw(replaced)
    assert queue.waiting == [instead, later]


def test_a_turn_is_withdrawn_once_and_not_after_it_has_begun() -> None:
    begun, waiting = asking("a", WIDE), asking("b", WIDE)
    queue = queue_of(begun, waiting)
    queue.begin(0)
    assert not queue.withdraw(begun)
    assert queue.withdraw(waiting)
    assert not queue.withdraw(waiting)


def test_the_place_and_the_time_come_from_what_is_ahead_in_the_same_lane() -> None:
    first, second, third = asking("a", WIDE), asking("b", HEAVY), asking("c", WIDE)
    queue = queue_of(first, second, third, asking("d", LIGHT))
    queue.begin(now_s=10)
    assert queue.wait_of(first, now_s=11) is None
    assert queue.wait_of(second, now_s=11) == Wait(place=1, seconds=3)
    assert queue.wait_of(third, now_s=11) == Wait(place=2, seconds=3 + 1.5)
    assert queue.wait_of(third, now_s=100) == Wait(place=2, seconds=1.5)


def test_an_owner_does_not_wait_for_itself() -> None:
    queue = queue_of(asking("a", WIDE))
    queue.begin(0)
    again = asking("a", WIDE)
    queue.add(again)
    assert queue.wait_of(again, 0) is None


def test_no_more_may_wait_than_there_are_places() -> None:
    queue = queue_of(asking("a", LIGHT), asking("b", LIGHT), capacity=Capacity(cores=1, waiting=2))
    with pytest.raises(ServerFull) as refusal:
        queue.add(asking("c", LIGHT))
    assert str(refusal.value) == (
        "this server is full: 2 runs wait for their turn already, which is its limit; "
        "try again in a moment"
    )


costs = st.builds(
    Cost,
    cores=st.floats(min_value=0.001, max_value=8),
    children=st.integers(min_value=1, max_value=20),
    seconds=st.floats(min_value=0, max_value=10),
    lane=st.sampled_from(Lane),
)


@given(asked=st.lists(st.tuples(st.integers(0, 5), costs), max_size=30), data=st.data())
def test_everybody_gets_a_turn_and_never_is_more_taken_than_there_is(
    asked: list[tuple[int, Cost]], data: st.DataObject
) -> None:
    capacity = Capacity(cores=2, children=30, waiting=30)
    queue = queue_of(*[asking(owner, cost) for owner, cost in asked], capacity=capacity)
    begun: list[Turn] = []
    for now_s in count():
        begun += queue.begin(now_s)
        going_on = queue.going_on
        for lane in Lane:
            cores = [each.cost.cores for each in going_on if each.cost.lane is lane]
            assert len(cores) <= 1 or sum(cores) <= capacity.of(lane) + 1e-9
        assert len(going_on) == len(set(owners(going_on)))
        assert len(going_on) <= 1 or sum(turn.cost.children for turn in going_on) <= 30
        if not going_on:
            break
        queue.end(data.draw(st.sampled_from(going_on)))
    assert len(begun) == len(asked)


def test_each_begins_in_the_thread_that_made_room_for_it() -> None:
    began_in: dict[str, str] = {}

    def note(turn: Turn) -> None:
        began_in[str(turn.owner)] = threading.current_thread().name

    turns = Turns(TWO_CORES, clock=lambda: 0.0)
    first = turns.ask("a", WIDE, note)
    turns.ask("b", WIDE, note)
    assert turns.counts() == (1, 1)
    thread = threading.Thread(target=turns.end, args=(first,), name="who made room")
    thread.start()
    thread.join()
    assert began_in == {"a": threading.current_thread().name, "b": "who made room"}
    assert turns.counts() == (1, 0)


def test_a_turn_that_is_withdrawn_makes_room_for_those_behind_it() -> None:
    begun: list[Turn] = []
    turns = Turns(TWO_CORES, clock=lambda: 5.0)
    turns.ask("a", HEAVY, begun.append)
    wide = turns.ask("b", WIDE, begun.append)
    narrow = turns.ask("c", HEAVY, begun.append)
    assert turns.wait_of(narrow) == Wait(place=2, seconds=(3 + 8) / 2)
    assert turns.withdraw(wide)
    assert begun[-1] is narrow
    assert turns.wait_of(narrow) is None
