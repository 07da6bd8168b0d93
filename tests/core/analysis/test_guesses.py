""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis import metrics
from core.analysis.guesses import (
    Arrival,
    Guess,
    Idea,
    Order,
    arrivals,
    guesses,
    idea_text,
    is_right,
    order_texts,
    order_verdict,
    orders_of_ends,
    ranked,
    verdict,
)
from core.jobs import Spread
from core.patterns import PATTERNS
from core.spec.ideal import ideal_of
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State, Timeline
from tests.kit.handmade import MS, process_of, spec_of, timeline
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import whole_ms


def ideas(spec: RunSpec) -> dict[Idea, int]:
    return {guess.idea: guess.wall_ns // MS for guess in guesses(spec)}


def of(idea: Idea, spec: RunSpec) -> Guess:
    (found,) = [guess for guess in guesses(spec) if guess.idea is idea]
    return found


def ended_at(
    *ends_ms: int, outcomes: dict[int, Outcome] | None = None, pattern: str = "sequential"
) -> Timeline:
    spans = [(job, State.WAITING, 0, end_ms) for job, end_ms in enumerate(ends_ms)]
    return timeline(*spans, wall_ms=max(ends_ms), outcomes=outcomes, pattern=pattern)


def test_a_pool_brings_the_idea_of_waves() -> None:
    spec = RunSpec(pattern="run_in_executor", tasks=8, sleep_s=0.1, executor="threads", workers=3)
    assert ideas(spec) == {
        Idea.NOBODY_WAITS: 0,
        Idea.TOGETHER: 100,
        Idea.IN_WAVES: 300,
        Idea.ONE_BY_ONE: 800,
    }


def test_a_limit_brings_the_idea_of_waves() -> None:
    spec = RunSpec(pattern="semaphore", tasks=10, sleep_s=0.1, limit=4)
    assert ideas(spec)[Idea.IN_WAVES] == 300


def test_falling_sleeps_are_added_up() -> None:
    spec = RunSpec(pattern="sequential", tasks=4, sleep_s=0.1, spread=Spread.FALLING)
    assert ideas(spec)[Idea.ONE_BY_ONE] == 250


def test_a_single_job_leaves_less_to_guess() -> None:
    assert ideas(RunSpec(pattern="gather", tasks=1, sleep_s=0.1)) == {
        Idea.NOBODY_WAITS: 0,
        Idea.TOGETHER: 100,
    }


@given(
    pattern=st.sampled_from(sorted(PATTERNS)),
    tasks=st.integers(1, 32),
    spread=st.sampled_from(list(Spread)),
)
def test_all_guesses_differ_and_the_ideal_is_among_them(
    pattern: str, tasks: int, spread: Spread
) -> None:
    spec = RunSpec(pattern=pattern, tasks=tasks, sleep_s=0.1, spread=spread)
    times = [guess.wall_ns for guess in guesses(spec)]
    assert times == sorted(set(times))
    best = ideal_of(spec)
    assert best is None or best.wall_ns in times
    assert len({idea_text(guess) for guess in guesses(spec)}) == len(times)


def test_the_guess_that_came_closest_is_right() -> None:
    run = timeline(
        *[(job, State.WAITING, 0, 230) for job in range(5)],
        wall_ms=230,
        spec=RunSpec(pattern="gather", tasks=5, sleep_s=0.2),
    )
    assert is_right(of(Idea.TOGETHER, spec_of(run)), run)
    assert not is_right(of(Idea.ONE_BY_ONE, spec_of(run)), run)
    assert verdict(of(Idea.TOGETHER, spec_of(run)), run).startswith(
        "Right: you said 200 ms: all at once, and it took 230 ms, since "
    )
    assert verdict(of(Idea.ONE_BY_ONE, spec_of(run)), run).startswith(
        "You said 1.00 s: one after another, but it took 230 ms, since "
    )


def test_a_guess_about_a_disturbed_run_is_neither_right_nor_wrong() -> None:
    run = timeline((0, State.WAITING, 0, 230), wall_ms=230)
    guess = guesses(spec_of(run))[0]
    said = f"You said {idea_text(guess)}, and it took 230 ms; this run cannot answer it: "
    assert verdict(guess, replace(run, disturbed_ns=60_000_000)) == (
        said + "disturbed for 60.0 ms."
    )


@pytest.mark.parametrize(
    ("ends_ms", "order"),
    [
        ((1, 2, 3), Order.FORWARD),
        ((3, 2, 1), Order.BACKWARD),
        ((2, 1, 3), Order.MIXED),
        ((5,), Order.FORWARD),
    ],
)
def test_the_order_is_that_of_the_ends(ends_ms: tuple[int, ...], order: Order) -> None:
    assert orders_of_ends(ended_at(*ends_ms)) == {order}


def test_jobs_that_did_not_end_well_do_not_count() -> None:
    run = ended_at(9, 1, 2, outcomes={0: Outcome.CANCELLED})
    assert orders_of_ends(run) == {Order.FORWARD}
    assert order_verdict(Order.FORWARD, run) == "The order was right: 2, 3."


def test_another_order_is_told() -> None:
    run = ended_at(3, 2, 1)
    assert order_verdict(Order.MIXED, run) == "The order was another one: 3, 2, 1."


def test_of_many_jobs_the_first_ends_are_told() -> None:
    run = ended_at(*range(1, 31))
    assert order_verdict(Order.FORWARD, run).endswith("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ….")


def test_equal_jobs_at_once_end_together_whatever_the_microseconds_say() -> None:
    run = ended_at(3, 1, 2, pattern="gather")
    assert Order.TOGETHER in orders_of_ends(run)
    assert order_verdict(Order.TOGETHER, run) == "The order was right: 2, 3, 1."
    assert order_verdict(Order.FORWARD, run) == (
        "They ended at about the same time, in an order that is not sure: 2, 3, 1."
    )


def test_equal_jobs_in_waves_end_wave_by_wave() -> None:
    spec = RunSpec(pattern="semaphore", tasks=4, sleep_s=0.01, limit=2)
    run = replace(ended_at(12, 11, 22, 21), program=spec)
    assert Order.FORWARD in orders_of_ends(run)
    assert Order.TOGETHER not in orders_of_ends(run)


def test_ends_that_are_close_to_one_another_are_at_the_same_time() -> None:
    assert orders_of_ends(ended_at(98, 100, 97)) == {Order.TOGETHER}
    assert orders_of_ends(ended_at(50, 48, 100, 97)) == {Order.FORWARD}
    assert orders_of_ends(ended_at(100, 97, 48, 50)) == {Order.BACKWARD}


def test_a_run_that_took_much_longer_than_its_ideal_did_not_end_as_the_ideal_has_it() -> None:
    spec = RunSpec(pattern="blocking_call", tasks=5, sleep_s=0.01)
    run = replace(ended_at(10, 31, 20, 32, 30), program=spec)
    assert orders_of_ends(run) == {Order.MIXED}
    assert order_verdict(Order.MIXED, run).startswith("The order was right")


@pytest.mark.parametrize(("tasks", "wall_ms"), [(1, 10), (2, 20), (4, 30), (5, 30)])
def test_who_sees_that_blocking_calls_go_one_after_another_can_say_so(
    tasks: int, wall_ms: int
) -> None:
    for pattern in ("blocking_call", "pool_in_with", "debug_mode", "to_thread"):
        spec = RunSpec(pattern=pattern, tasks=tasks, sleep_s=0.01)
        assert wall_ms in [guess.wall_ns // MS for guess in guesses(spec)]
    assert Idea.BLOCKING_IN_TURN not in ideas(RunSpec(pattern="gather", tasks=tasks, sleep_s=0.01))


@pytest.mark.parametrize("tasks", [1, 2, 5, 6])
@pytest.mark.parametrize("pattern", ["greedy", "gives_way", "ordinary_tasks", "eager_tasks"])
def test_what_a_run_takes_of_which_half_the_jobs_block_can_be_guessed(
    pattern: str, tasks: int
) -> None:
    wall_ms = whole_ms(run_sleeping(pattern, tasks, 0.2).timeline)
    spec = RunSpec(pattern=pattern, tasks=tasks, sleep_s=0.2)
    assert wall_ms in [guess.wall_ns // MS for guess in guesses(spec)]


def test_every_order_can_be_chosen() -> None:
    assert list(order_texts()) == list(Order)


def test_the_runs_come_home_in_the_order_of_their_wall_times() -> None:
    slow, quick = (
        timeline((0, State.WAITING, 0, wall_ms), wall_ms=wall_ms, pattern=pattern)
        for pattern, wall_ms in (("sequential", 900), ("gather", 200))
    )
    assert arrivals([slow, quick]) == [
        Arrival(wall_ns=200 * MS, rank=1, text="gather: 200 ms"),
        Arrival(wall_ns=900 * MS, rank=2, text="sequential: 900 ms"),
    ]


def test_what_all_runs_use_is_not_said_of_each_that_comes_home() -> None:
    limited = [
        timeline(
            (0, State.WAITING, 0, 9),
            wall_ms=9,
            spec=RunSpec(pattern=pattern, tasks=1, sleep_s=0.01, limit=2),
        )
        for pattern in ("unbounded_queue", "bounded_queue")
    ]
    assert [each.text for each in arrivals(limited)] == [
        "unbounded_queue: 9.00 ms",
        "bounded_queue: 9.00 ms",
    ]


def test_a_child_process_comes_home_where_it_ends_on_the_axis_and_does_not_race() -> None:
    run = timeline((0, State.WAITING, 0, 20), wall_ms=20)
    main, child = process_of(run), process_of(run, began_ms=15)
    assert [each.wall_ns for each in arrivals([child, main])] == [20 * MS, 35 * MS]
    assert [each.text for each in arrivals([child, main])] == [
        "work.py: 20.0 ms",
        "work.py (pid 115): 20.0 ms",
    ]
    assert not ranked([main, child])
    assert ranked([run, run])


def test_runs_whose_times_read_the_same_share_a_rank() -> None:
    runs = [timeline((0, State.WAITING, 0, 10), wall_ms=wall_ms) for wall_ms in (20, 10, 10)]
    assert [each.rank for each in arrivals(runs)] == [1, 1, 3]


def test_only_runs_that_did_all_their_jobs_have_a_first_and_a_last() -> None:
    done = timeline((0, State.WAITING, 0, 10), wall_ms=10)
    lost = replace(done, jobs=replace(done.jobs, outcome=(Outcome.LOST,)))
    assert ranked([done, done])
    assert not ranked([done, lost])
    assert not ranked([done])


def test_a_run_that_the_machine_disturbed_is_marked_and_none_is_first_or_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics, "LEAST_DISTURBED_SHARE", 0.05)
    calm = timeline((0, State.WAITING, 0, 10), wall_ms=10)
    disturbed = replace(calm, disturbed_ns=5 * MS)
    assert ranked([calm, calm])
    assert not ranked([calm, disturbed])
    assert [each.text for each in arrivals([calm, disturbed])] == [
        "gather: 10.0 ms",
        "gather: 10.0 ms (disturbed for 5.00 ms)",
    ]
