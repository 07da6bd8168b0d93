"""A sweep under way."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.errors import (
    BadValue,
    LoopscopeError,
    ProcessStuck,
    Role,
    RunFailed,
    Stuck,
    TimeLimitReached,
    TooLong,
)
from core.measuring.comparison import Comparison
from core.measuring.forking import Spares
from core.services import Services
from core.spec.limits import LIMITS, default_pool_size
from core.sweep import Series, Sweep
from core.sweep.conductor import (
    FIRST_GUESS_S,
    Compare,
    Conductor,
    End,
    Took,
    end_text,
    remaining_s,
)
from tests.kit.points import point
from tests.kit.watching import wait_until

LIMIT_S = 100.0
"""A sweep of pools starts many processes, by a fork server on Python 3.14 and newer."""


@pytest.fixture
def compare() -> Iterator[Compare]:
    spares, services = Spares(0), Services()
    yield lambda specs: Comparison(specs, spares, services)
    spares.close()
    services.close()


@pytest.mark.real
def test_a_sweep_measures_all_its_runs_in_their_order(compare: Compare) -> None:
    sweep = Sweep(series=(Series.COROUTINES, Series.THREADS), sleep_s=0.01, largest=3)
    conductor = Conductor(sweep, compare)
    assert conductor.ended.wait(LIMIT_S)
    assert [(point.series, point.jobs) for point in conductor.points] == list(sweep.runs)
    assert conductor.ends == ()
    assert conductor.measuring is None
    assert (conductor.remaining_s, conductor.share_done) == (0, 1)
    for each in conductor.points:
        assert each.wall_ns >= each.ideal_ns == 10_000_000
        assert 0 < each.startup_ns < each.wall_ns
        assert each.cpu_ns > 0


@pytest.mark.real
def test_a_series_that_meets_a_limit_ends_there_and_the_others_go_on(compare: Compare) -> None:
    sweep = Sweep(series=(Series.PROCESSES, Series.COROUTINES), sleep_s=0, largest=100)
    conductor = Conductor(sweep, lambda specs: compare([replace(specs[0], tasks=1, workers=None)]))
    assert conductor.ended.wait(LIMIT_S)
    (end,) = conductor.ends
    assert (end.series, end.jobs, end.is_expected) == (Series.PROCESSES, 100, True)
    assert str(end.error).startswith(f"workers is 100; it must be at most {LIMITS.processes},")
    by_series = [point.series for point in conductor.points]
    assert by_series.count(Series.COROUTINES) == by_series.count(Series.PROCESSES) + 1 == 5


@pytest.mark.real
def test_a_series_whose_run_fails_ends_there_with_the_error_that_it_met(compare: Compare) -> None:
    """As where the system lets no more threads start: that is the pattern's own error."""
    sweep = Sweep(series=(Series.COROUTINES,), sleep_s=0.01, largest=10)
    conductor = Conductor(
        sweep,
        lambda specs: compare(
            [replace(each, failing=3 if each.tasks == 3 else None) for each in specs]
        ),
    )
    assert conductor.ended.wait(LIMIT_S)
    assert [point.jobs for point in conductor.points] == [1]
    (end,) = conductor.ends
    assert (end.series, end.jobs) == (Series.COROUTINES, 3)
    assert "job 3" in str(end.error)


@pytest.mark.real
def test_stop_keeps_what_was_measured_and_ends_the_rest(compare: Compare) -> None:
    sweep = Sweep(series=(Series.COROUTINES,), sleep_s=0.01, largest=100_000)
    conductor = Conductor(sweep, compare)
    wait_until(lambda: len(conductor.points) >= 2, LIMIT_S)
    measuring = conductor.measuring
    assert measuring is not None
    assert conductor.remaining_s > 0
    assert 0 < conductor.share_done < 1
    assert not conductor.stopped
    conductor.stop()
    assert conductor.stopped
    assert conductor.ended.wait(LIMIT_S)
    jobs = [point.jobs for point in conductor.points]
    assert jobs == list(sweep.counts[: len(jobs)])
    assert conductor.measuring is None


def test_a_sweep_whose_thread_cannot_be_started_has_ended_and_says_so(
    compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    sweep = Sweep(series=(Series.COROUTINES, Series.THREADS), sleep_s=0.01, largest=3)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        conductor = Conductor(sweep, compare)
    assert conductor.ended.is_set()
    assert [(end.series, end.jobs) for end in conductor.ends] == list(sweep.runs)[:2]
    (said,) = {str(end.error) for end in conductor.ends}
    assert said == (
        "the run could not be carried out: NoMoreThreads: the system starts no more threads or "
        "processes (can't start new thread): ask for fewer, or raise `ulimit -u` or the "
        "container's limit"
    )
    assert conductor.measuring is None


COROUTINES, POOL = Series.COROUTINES, Series.POOL


def test_before_anything_is_measured_it_is_the_ideals_and_a_guess() -> None:
    waves = 10
    to_come = [(COROUTINES, 1_000), (POOL, waves * default_pool_size())]
    expected = 2 * FIRST_GUESS_S + 0.1 + waves * 0.1
    assert remaining_s(to_come, [], 0.1) == pytest.approx(expected)


def test_what_a_job_cost_so_far_is_added_for_each_job_to_come() -> None:
    done = [Took(point=point(COROUTINES, 100, 110), seconds=0.41)]
    assert remaining_s([(COROUTINES, 1_000)], done, 0.1) == pytest.approx(0.3 + 0.1 + 0.1)


def test_what_will_be_refused_takes_no_time() -> None:
    assert remaining_s([(POOL, 100_000), (Series.PROCESSES, 100)], [], 0.1) == 0


def test_the_end_of_a_series_is_told_with_its_error() -> None:
    end = End(
        series=Series.THREADS,
        jobs=30_000,
        error=RunFailed("RuntimeError", "can't start new thread"),
    )
    assert end_text(end) == (
        "a thread per job, 30,000 jobs: the run could not be carried out: "
        "RuntimeError: can't start new thread"
    )
    assert not end.is_expected


@pytest.mark.parametrize(
    ("series", "jobs", "error", "text"),
    [
        (
            Series.PROCESSES,
            100,
            BadValue("workers", 100, f"it must be at most {LIMITS.processes}"),
            (
                f"a process per job: at most {LIMITS.processes} may be measured here, so it ends "
                "before 100 jobs."
            ),
        ),
        (
            Series.POOL,
            10_000,
            TooLong("run_in_executor", 166.7, 60.0),
            (
                "default pool of threads: 10,000 jobs would take 167 s at best, longer than the "
                "60 s that a run may take here, so it ends before them."
            ),
        ),
        (
            Series.THREADS,
            3_000,
            TimeLimitReached(20.3),
            (
                "a thread per job: 3,000 jobs took longer than 20 s, the time limit of their run, "
                "so it ends before them."
            ),
        ),
    ],
)
def test_a_series_that_meets_a_limit_ends_as_expected_and_not_by_a_mistake_of_its_user(
    series: Series, jobs: int, error: LoopscopeError, text: str
) -> None:
    end = End(series=series, jobs=jobs, error=error)
    assert end.is_expected
    assert end_text(end) == text


def test_a_process_that_stood_still_was_not_to_be_expected() -> None:
    error = ProcessStuck(20.0, Stuck(Role.POOL, 7))
    end = End(series=Series.PROCESSES, jobs=3, error=error)
    assert not end.is_expected
    assert end_text(end) == f"a process per job, 3 jobs: {error}"
