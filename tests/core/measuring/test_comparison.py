"""Which runs go side by side, and what a batch costs."""

import threading
from contextvars import copy_context

import pytest

import core
from core.errors import (
    BadValue,
    RunFailed,
    RunStopped,
    ServerFull,
    ServiceUnavailable,
    Stuck,
    TooLong,
)
from core.measuring.comparison import Comparison, batches, cost_of
from core.measuring.forking import Spares
from core.measuring.process import ChildProcess
from core.measuring.turns import Capacity, Lane, Rest, Turns
from core.services import Services
from core.spec.limits import processors
from core.spec.run_spec import RunSpec
from core.text.language import _, speak
from tests.kit.laws import assert_laws
from tests.kit.watching import LIMIT_S


def test_runs_that_mostly_sleep_go_side_by_side() -> None:
    specs = [RunSpec(pattern=name, tasks=5, sleep_s=0.2) for name in ("sequential", "gather")]
    assert batches(specs) == [specs]


def test_runs_that_would_disturb_one_another_go_one_after_another() -> None:
    specs = [RunSpec(pattern=name, tasks=5000, sleep_s=0.01) for name in ("gather", "task_group")]
    assert batches(specs) == [[specs[0]], [specs[1]]]


def test_runs_in_dask_go_one_after_another_as_they_share_workers() -> None:
    spec = RunSpec(pattern="run_in_executor", tasks=1, sleep_s=10, executor="dask", workers=1)
    assert batches([spec, spec]) == [[spec], [spec]]


def test_a_batch_that_sleeps_is_light_and_lasts_as_long_as_its_slowest_run() -> None:
    specs = [RunSpec(pattern=name, tasks=10, sleep_s=0.2) for name in ("sequential", "gather")]
    cost = cost_of(specs)
    assert cost.lane is Lane.LIGHT
    assert cost.children == 2
    assert cost.seconds == pytest.approx(2.015)


HEAVY = {
    "one core": RunSpec(pattern="gather", tasks=2, sleep_s=0.1, workload="cpu"),
    "a pool": RunSpec(
        pattern="run_in_executor", tasks=2, sleep_s=1, executor="processes", workers=2
    ),
    "dask": RunSpec(pattern="run_in_executor", tasks=2, sleep_s=1, executor="dask", workers=2),
    "many jobs": RunSpec(pattern="gather", tasks=10_000, sleep_s=0),
}


@pytest.mark.parametrize("spec", HEAVY.values(), ids=list(HEAVY))
def test_what_keeps_a_processor_busy_is_heavy(spec: RunSpec) -> None:
    cost = cost_of([spec])
    assert cost.lane is Lane.HEAVY
    assert cost.cores <= processors()


def test_a_pool_of_processes_counts_each_of_them() -> None:
    assert cost_of([HEAVY["a pool"]]).children == 3


def test_each_child_process_of_a_pattern_counts_and_so_does_its_start() -> None:
    specs = [
        RunSpec(pattern=name, tasks=4, sleep_s=0.1) for name in ("blocking_child", "awaited_child")
    ]
    assert batches(specs) == [[specs[0]], [specs[1]]]
    cost = cost_of([specs[1]])
    assert cost.children == 5
    assert cost.seconds == pytest.approx(0.1 + 0.1 + 0.01 + 4 * 0.0205)


SHORT = [
    RunSpec(pattern=name, tasks=2, sleep_s=0.05) for name in ("sequential", "gather", "threads")
]


class NoMoreProcesses(Spares):
    """Spares on a machine that starts no more processes."""

    def __init__(self) -> None:
        super().__init__(0)

    def take(self) -> ChildProcess:
        raise BlockingIOError(11, "Resource temporarily unavailable")


def test_a_machine_that_starts_no_more_processes_is_told_as_every_runs_error() -> None:
    comparison = Comparison(SHORT, NoMoreProcesses(), Services())
    assert comparison.ended.wait(LIMIT_S)
    for measurement in comparison.measurements:
        assert isinstance(measurement.error, RunFailed)
        assert str(measurement.error) == (
            "the run could not be carried out: NoMoreThreads: the system starts no more threads or "
            "processes (Resource temporarily unavailable): ask for fewer, or raise `ulimit -u` or "
            "the container's limit"
        )


@pytest.mark.real
def test_a_comparison_gives_its_timelines_in_the_order_of_its_specs() -> None:
    timelines = core.compare(SHORT)
    assert [timeline.spec for timeline in timelines] == SHORT
    for timeline in timelines:
        assert timeline.finished
        assert_laws(timeline, jobs=2)


@pytest.mark.real
def test_runs_one_after_another_do_not_overlap() -> None:
    specs = [RunSpec(pattern=name, tasks=3, sleep_s=0) for name in ("gather", "task_group")]
    assert len(batches(specs)) == 2
    comparison = Comparison(specs, Spares(0), Services())
    assert comparison.ended.wait(LIMIT_S)
    first, second = (each._received for each in comparison.measurements)
    assert first.closing is not None
    assert second.started_ns is not None
    assert first.closing.returned_ns < second.started_ns


@pytest.mark.real
def test_the_library_runs_one_spec() -> None:
    timeline = core.run(RunSpec(pattern="gather", tasks=3, sleep_s=0.05))
    assert_laws(timeline, jobs=3)
    assert timeline.wall_ns >= 50_000_000
    assert timeline.recording_ns > 0


def test_the_library_refuses_what_takes_too_long_before_it_starts_anything() -> None:
    with pytest.raises(TooLong):
        core.run(RunSpec(pattern="sequential", tasks=100, sleep_s=1))


def test_the_library_refuses_bad_values() -> None:
    with pytest.raises(BadValue):
        core.run(RunSpec(pattern="gather", tasks=0, sleep_s=1))


def test_a_comparison_says_which_services_it_is_starting() -> None:
    asked, go_on = threading.Event(), threading.Event()

    class Slow:
        def address(self) -> str:
            asked.set()
            go_on.wait(LIMIT_S)
            raise ServiceUnavailable("the speed", "nobody knows", "ask again")

        def stuck(self) -> tuple[Stuck, ...]:
            return ()

        def close(self) -> None:
            pass

    spec = RunSpec(pattern="gather", tasks=1, sleep_s=0, workload="cpu")
    comparison = Comparison([spec], Spares(0), Services({"cpu": Slow}))
    assert asked.wait(LIMIT_S)
    assert list(comparison.starting) == ["cpu"]
    go_on.set()
    assert comparison.ended.wait(LIMIT_S)
    assert list(comparison.starting) == []
    (measurement,) = comparison.measurements
    assert str(measurement.error) == "the speed cannot be used: nobody knows; ask again"


WIDE = [RunSpec(pattern="run_in_executor", tasks=1, sleep_s=30, executor="processes", workers=8)]


def test_what_cannot_be_had_is_told_in_the_language_of_who_asked_for_it() -> None:
    class Missing:
        def address(self) -> str:
            raise ServiceUnavailable(_("the HTTP server"), "no room", _("it ended without a word"))

        def stuck(self) -> tuple[Stuck, ...]:
            return ()

        def close(self) -> None:
            pass

    def asked() -> Comparison:
        speak("ko")
        spec = RunSpec(pattern="gather", tasks=1, sleep_s=0, workload="http")
        return Comparison([spec], Spares(0), Services({"http": Missing}))

    comparison = copy_context().run(asked)
    assert comparison.ended.wait(LIMIT_S)
    (measurement,) = comparison.measurements
    assert isinstance(measurement.error, ServiceUnavailable)
    assert measurement.error.name == "HTTP 서버"
    assert measurement.error.cure == "아무 말 없이 종료되었습니다"


def sharing(turns: Turns, specs: list[RunSpec], owner: str) -> Comparison:
    return Comparison(specs, Spares(0), Services(), turns=turns, owner=owner)


@pytest.mark.real
def test_comparisons_wait_for_one_another_and_stop_in_the_queue() -> None:
    turns = Turns()
    first, second, third = (sharing(turns, WIDE, owner) for owner in "abc")
    try:
        assert first.waiting is None
        assert second.waiting is not None
        assert third.waiting is not None
        assert (second.waiting.place, third.waiting.place) == (1, 2)
        second.stop()
        assert second.ended.is_set()
        assert isinstance(second.measurements[0].error, RunStopped)
        assert third.waiting is not None
        assert third.waiting.place == 1
        first.stop()
        assert first.ended.wait(LIMIT_S)
        assert third.measurements[0].prepared.wait(LIMIT_S)
        assert third.waited_s > 0
    finally:
        for each in (first, second, third):
            each.stop()
            assert each.ended.wait(LIMIT_S)
    assert turns.counts() == (0, 0)


@pytest.mark.real
def test_light_runs_go_past_those_that_wait_for_processors() -> None:
    turns = Turns()
    wide, waiting = sharing(turns, WIDE, "a"), sharing(turns, WIDE, "b")
    light = sharing(turns, SHORT, "c")
    try:
        assert light.ended.wait(LIMIT_S)
        assert [each.error for each in light.measurements] == [None] * len(SHORT)
        assert waiting.waiting is not None
    finally:
        for each in (waiting, wide):
            each.stop()
            assert each.ended.wait(LIMIT_S)


def test_a_full_server_is_told_as_every_runs_error() -> None:
    turns = Turns(Capacity(cores=1, waiting=0))
    comparison = sharing(turns, SHORT, "a")
    assert comparison.ended.is_set()
    assert all(isinstance(each.error, ServerFull) for each in comparison.measurements)


def test_runs_that_wait_for_rest_ask_for_no_turn_and_take_no_child() -> None:
    turns = Turns()
    comparison = Comparison(SHORT, NoMoreProcesses(), Services(), turns=turns, rest=Rest(LIMIT_S))
    assert comparison.awaits_paint
    assert comparison.waiting is None
    assert turns.counts() == (0, 0)
    comparison.stop()
    assert comparison.ended.is_set()
    assert [type(each.error) for each in comparison.measurements] == [RunStopped] * len(SHORT)
    assert not comparison.awaits_paint


@pytest.mark.real
def test_runs_begin_once_their_page_is_painted() -> None:
    comparison = Comparison(SHORT, Spares(0), Services(), rest=Rest(LIMIT_S))
    assert not any(each.started for each in comparison.measurements)
    comparison.painted()
    assert comparison.ended.wait(LIMIT_S)
    assert [each.error for each in comparison.measurements] == [None] * len(SHORT)
