"""Executors seen from outside: jobs that a program hands to pools of its own."""

import asyncio
import gc
import inspect
import os
import pickle
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_EXCEPTION,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    as_completed,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from concurrent.futures.thread import BrokenThreadPool
from contextvars import ContextVar, copy_context
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from core.jobs import JobKind
from core.recording.events import FIRST_END
from core.recording.executors import recorded_executors
from core.recording.pools import RecordedProcessPool
from core.recording.recorder import Recorder
from core.timeline.timeline import On, State
from tests.kit.laws import (
    assert_laws,
    assert_one_end_recorded_each,
)
from tests.kit.virtual import Ran, pattern_of, run_here, states
from tests.kit.watching import wait_until

LIMIT_S = 10
Job = Callable[..., Any]
variable: ContextVar[str] = ContextVar("variable", default="unset")


def run_blocking(pattern: Callable[..., Any], job: Job, count: int, **options: Any) -> Ran:
    """Run a pattern of blocking jobs here and check the laws."""
    ran = run_here(pattern_of(pattern, JobKind.BLOCKING), job, count, **options)
    assert_laws(ran.timeline)
    assert_one_end_recorded_each(ran.rows)
    return ran


def bare(pattern: Callable[..., Any], job: Job, count: int) -> Any:
    """Return what a pattern comes to when nothing records it: its value, or its error's text."""
    try:
        value = pattern(job, count)
        return asyncio.run(value) if inspect.iscoroutine(value) else value
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


def recorded(ran: Ran) -> Any:
    error = ran.returned.error
    return f"{error.kind}: {error.message}" if error else ran.returned.value


# Programs: each hands jobs over in another way and returns what came of it.


def as_itself(pool: Executor, job: Job, count: int) -> list[Any]:
    return [future.result(LIMIT_S) for future in [pool.submit(job, n) for n in range(count)]]


def by_name(pool: Executor, job: Job, count: int) -> list[Any]:
    return [pool.submit(job, index=n).result(LIMIT_S) for n in range(count)]


def in_a_partial(pool: Executor, job: Job, count: int) -> list[Any]:
    return [pool.submit(partial(job, n)).result(LIMIT_S) for n in range(count)]


def in_nested_partials(pool: Executor, job: Job, count: int) -> list[Any]:
    calls = [partial(partial(partial(job), index=n)) for n in range(count)]
    return [pool.submit(call).result(LIMIT_S) for call in calls]


def by_map(pool: Executor, job: Job, count: int) -> list[Any]:
    return list(pool.map(job, range(count)))


def by_map_in_chunks(pool: Executor, job: Job, count: int) -> list[Any]:
    return list(pool.map(job, range(count), chunksize=2))


def by_map_of_a_partial(pool: Executor, job: Job, count: int) -> list[Any]:
    return list(pool.map(partial(call_with_two, job), range(count), range(count), chunksize=3))


def call_with_two(job: Job, first: int, second: int) -> Any:
    return job(first), second


def call_twice(job: Job, index: int) -> list[Any]:
    return [job(index), job(index + 1)]


def as_an_argument(pool: Executor, job: Job, count: int) -> list[Any]:
    pairs = [pool.submit(call_twice, job, n).result(LIMIT_S) for n in range(0, count, 2)]
    return [each for pair in pairs for each in pair]


def call_all(jobs: list[Job], *, index: int) -> list[Any]:
    return [job(index) for job in jobs]


def in_a_list(pool: Executor, job: Job, count: int) -> list[Any]:
    return [pool.submit(call_all, [job], index=n).result(LIMIT_S)[0] for n in range(count)]


ways = pytest.mark.parametrize(
    "way",
    [
        as_itself,
        by_name,
        in_a_partial,
        in_nested_partials,
        by_map,
        by_map_in_chunks,
        by_map_of_a_partial,
        as_an_argument,
        in_a_list,
    ],
    ids=lambda way: way.__name__,
)


class OwnThreads(ThreadPoolExecutor):
    """A pool of the program's own, which wraps what it is given."""

    def submit(self, fn: Job, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(self._through, fn, *args, **kwargs)

    def _through(self, fn: Job, *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)


class PlainSubclass(ThreadPoolExecutor):
    pass


class OwnProcesses(ProcessPoolExecutor):
    def submit(self, fn: Job, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(partial(fn, *args, **kwargs))


class AtOnce(Executor):
    """An executor that calls what it is given at once, in the calling thread."""

    def submit(self, fn: Job, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


class Pickling(Executor):
    """An executor that sends what it is given elsewhere, as one of another library does."""

    def submit(self, fn: Job, /, *args: Any, **kwargs: Any) -> Future[Any]:
        sent = pickle.dumps((fn, args, kwargs))
        future: Future[Any] = Future()

        def work() -> None:
            there, given, named = pickle.loads(sent)  # noqa: S301 - made above
            try:
                future.set_result(there(*given, **named))
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=work).start()
        return future


class Delegating(Executor):
    """An executor that hands on to a pool of threads."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)

    def submit(self, fn: Job, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


CONTEXT = get_context("spawn" if sys.platform == "win32" else "fork")
"""Of the ways to start workers the fastest that this system has."""


def of_processes(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=CONTEXT)


POOLS: dict[str, Callable[[], Executor]] = {
    "threads": lambda: ThreadPoolExecutor(2),
    "plain subclass": lambda: PlainSubclass(2),
    "own threads": lambda: OwnThreads(2),
    "processes": lambda: of_processes(2),
    "own processes": lambda: OwnProcesses(2, mp_context=CONTEXT),
    "at once": AtOnce,
    "elsewhere": Pickling,
    "delegating": Delegating,
}
pools = pytest.mark.parametrize("make", POOLS.values(), ids=list(POOLS))


def tenfold(index: int) -> int:
    return 10 * index


@pools
@ways
def test_results_are_as_without_recording_and_each_job_is_there(
    make: Callable[[], Executor], way: Callable[..., Any]
) -> None:
    def pattern(job: Job, count: int) -> Any:
        with make() as pool:
            return way(pool, job, count)

    ran = run_blocking(pattern, tenfold, 4)
    assert recorded(ran) == bare(pattern, tenfold, 4)
    if make is Pickling and way in (by_map_of_a_partial, as_an_argument, in_a_list):
        return  # the job is pickled somewhere inside: nobody can tell that it is called
    jobs = ran.timeline.jobs
    assert jobs.number.tolist() == [0, 1, 2, 3]
    assert jobs.outcome == ("ok",) * 4
    assert jobs.result == ("0", "10", "20", "30")


@ways
@pytest.mark.parametrize("workers", [1, 2])
def test_a_recorded_pool_of_processes_takes_jobs_in_every_way(
    way: Callable[..., Any], workers: int
) -> None:
    def pattern(job: Job, count: int) -> Any:
        return way(pool, job, count)

    recorder = Recorder()
    with RecordedProcessPool(recorder, workers) as pool:
        returned = run_here(
            pattern_of(pattern, JobKind.BLOCKING), tenfold, 4, recorder=recorder
        ).returned
        assert returned.error is None
    assert recorder.results == {0: 0, 1: 10, 2: 20, 3: 30}
    expected = bare(lambda job, count: way(ThreadPoolExecutor(1), job, count), tenfold, 4)
    assert returned.value == expected


def test_jobs_in_a_pool_of_one_thread_are_queued_from_when_they_were_handed_over() -> None:
    def waiting(index: int) -> None:
        time.sleep(0.01)

    def pattern(job: Job, count: int) -> None:
        handed: list[Callable[[ThreadPoolExecutor, int], Future[Any]]] = [
            lambda pool, n: pool.submit(job, n),
            lambda pool, n: pool.submit(partial(job, n)),
            lambda pool, n: pool.submit(lambda: job(n)),
            lambda pool, n: pool.submit(copy_context().run, job, n),
            lambda pool, n: pool.submit(partial(copy_context().run, job), index=n),
        ]
        with ThreadPoolExecutor(1) as pool:
            for index, hand_over in enumerate(handed):
                hand_over(pool, index)

    timeline = run_blocking(pattern, waiting, 5).timeline
    for job in range(5):
        assert states(timeline, job) == [State.QUEUED, State.WORKING]
    spans = timeline.spans
    begun = spans.start_ns[spans.state == State.WORKING]
    assert (timeline.jobs.created_ns < begun[0] + 10_000_000).all()
    queued = spans.state == State.QUEUED
    assert (spans.end_ns[queued] == begun).all()


def test_a_job_in_a_partial_is_recognised_whatever_its_arguments_are() -> None:
    def pattern(job: Job, count: int) -> None:
        with ThreadPoolExecutor(1) as pool:
            for index in (-1, None, "a"):
                pool.submit(partial(job, index))

    ran = run_blocking(pattern, repr, 3)
    assert ran.timeline.jobs.result == ("-1", "None", "'a'")
    for job in range(3):
        assert states(ran.timeline, job) == [State.QUEUED, State.WORKING]


def test_of_a_lambda_that_calls_two_jobs_the_first_was_queued_and_the_second_begins_later() -> None:
    free = threading.Event()

    def pattern(job: Job, count: int) -> Any:
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(lambda: (job(0), free.wait(LIMIT_S), job(1))[::2])
            second = pool.submit(lambda: (job(2), job(3)))
            free.set()
            return first.result(LIMIT_S), second.result(LIMIT_S)

    ran = run_blocking(pattern, tenfold, 4)
    assert ran.returned.value == ((0, 10), (20, 30))
    timeline = ran.timeline
    assert states(timeline, 0) == states(timeline, 2) == [State.QUEUED, State.WORKING]
    assert State.QUEUED not in states(timeline, 1) + states(timeline, 3)
    created, ended = timeline.jobs.created_ns, timeline.jobs.ended_ns
    assert created[1] >= ended[0]
    assert created[2] < ended[1]
    assert created[3] >= ended[2]


def test_what_a_lambda_does_before_it_calls_a_job_is_work_of_its_thread() -> None:
    taken: list[int] = []

    def pattern(job: Job, count: int) -> None:
        def call() -> None:
            taken.append(time.perf_counter_ns())
            job(0)

        with ThreadPoolExecutor(1) as pool:
            pool.submit(call)

    ran = run_blocking(pattern, tenfold, 1)
    spans = ran.timeline.spans
    (begun,) = spans.start_ns[spans.state == State.WORKING] + ran.returned.started_ns
    assert begun <= taken[0]


class Unforeseen(Exception):
    def __init__(self, index: int, more: str) -> None:
        super().__init__(index, more)


def fails(index: int) -> int:
    if index == 1:
        raise Unforeseen(index, "more")
    return index


@pytest.mark.parametrize("name", [name for name in POOLS if name != "elsewhere"])
@pytest.mark.parametrize("way", [as_itself, in_a_partial, by_map], ids=lambda way: way.__name__)
def test_errors_are_as_without_recording(name: str, way: Callable[..., Any]) -> None:
    def pattern(job: Job, count: int) -> Any:
        with POOLS[name]() as pool:
            return way(pool, job, count)

    ran = run_blocking(pattern, fails, 3)
    assert recorded(ran) == bare(pattern, fails, 3)
    row = ran.timeline.jobs.number.tolist().index(1)
    assert ran.timeline.jobs.outcome[row] == "failed"
    error = ran.timeline.jobs.error[row]
    assert error is not None
    assert error.kind == "Unforeseen"


def test_the_traceback_from_a_process_is_as_without_recording() -> None:
    def pattern(job: Job, count: int) -> list[str]:
        with of_processes(1) as pool:
            single, several = pool.submit(job, 1), pool.map(job, [1, 2], chunksize=2)
            texts = ["".join(traceback.format_exception(single.exception(LIMIT_S)))]
            with pytest.raises(Unforeseen) as caught:
                list(several)
            return [*texts, str(caught.value.__cause__)]

    assert recorded(run_blocking(pattern, fails, 3)) == bare(pattern, fails, 3)


def test_a_chunk_that_fails_leaves_the_rest_of_its_jobs_undone() -> None:
    def pattern(job: Job, count: int) -> Any:
        with of_processes(1) as pool:
            return list(pool.map(job, range(count), chunksize=count))

    timeline = run_blocking(pattern, fails, 4).timeline
    assert timeline.jobs.outcome == ("ok", "failed", "lost", "lost")
    assert states(timeline, 3) == [State.QUEUED]


@pytest.mark.parametrize("chunksize", [1, 4])
def test_a_chunk_that_fails_in_a_recorded_pool_leaves_the_rest_undone(chunksize: int) -> None:
    def pattern(job: Job, count: int) -> Any:
        return list(pool.map(job, range(count), chunksize=chunksize))

    recorder = Recorder()
    with RecordedProcessPool(recorder, 1) as pool:
        ran = run_here(pattern_of(pattern, JobKind.BLOCKING), fails, 4, recorder=recorder)
    assert ran.returned.error is not None
    assert ran.returned.error.kind == "Unforeseen"
    assert set(recorder.errors) == {1}


def generator(index: int) -> Iterator[int]:
    yield index


def local_error(index: int) -> None:
    class Local(Exception):
        pass

    raise Local


class Undecodable:
    def __reduce__(self) -> Any:
        return undecodable, ()


def undecodable() -> None:
    raise LookupError("cannot be loaded")


def returns_undecodable(index: int) -> Undecodable:
    return Undecodable()


@pytest.mark.parametrize("job", [generator, returns_undecodable])
def test_what_cannot_be_sent_back_ends_as_without_recording(job: Job) -> None:
    def pattern(job: Job, count: int) -> str:
        with of_processes(1) as pool:
            error = pool.submit(job, 0).exception(LIMIT_S)
            return f"{type(error).__name__}: {error}"

    ran = run_blocking(pattern, job, 1)
    assert recorded(ran) == bare(pattern, job, 1)
    assert ran.timeline.jobs.outcome == ("failed",)


@pytest.mark.parametrize("job", [generator, local_error])
def test_what_a_recorded_pool_cannot_send_back_fails_its_job(job: Job) -> None:
    def pattern(job: Job, count: int) -> str:
        return type(pool.submit(job, 0).exception(LIMIT_S)).__name__

    recorder = Recorder()
    with RecordedProcessPool(recorder, 1) as pool:
        returned = run_here(
            pattern_of(pattern, JobKind.BLOCKING), job, 1, recorder=recorder
        ).returned
    assert returned.value in {"TypeError", "AttributeError", "PicklingError"}
    assert set(recorder.errors) == {0}
    assert recorder.results == {}


def test_what_cannot_be_sent_fails_as_without_recording() -> None:
    def pattern(job: Job, count: int) -> list[str]:
        with of_processes(1) as pool:
            futures = [pool.submit(lambda: job(0)), pool.submit(job, threading.Lock())]
            return [type(future.exception(LIMIT_S)).__name__ for future in futures]

    ran = run_blocking(pattern, tenfold, 2)
    assert recorded(ran) == bare(pattern, tenfold, 2)
    assert ran.timeline.jobs.outcome == ("failed",)


def dies(index: int) -> None:
    os._exit(1)


def test_a_worker_of_an_own_pool_that_dies_ends_all_its_jobs() -> None:
    def pattern(job: Job, count: int) -> list[str]:
        with of_processes(1) as pool:
            (error,) = wait([pool.submit(job, 0)], LIMIT_S).done
            with pytest.raises(BrokenProcessPool):
                pool.submit(job, 1)
            return [type(error.exception()).__name__]

    ran = run_blocking(pattern, dies, 2)
    assert ran.returned.value == ["BrokenProcessPool"]
    assert ran.timeline.jobs.outcome == ("failed",) * 2


def speaks(index: int) -> None:
    print("job", index)
    print("half", end="")


def test_what_jobs_print_in_processes_of_an_own_pool_is_recorded() -> None:
    def pattern(job: Job, count: int) -> None:
        with of_processes(1) as pool:
            list(pool.map(job, range(count), chunksize=2))

    timeline = run_blocking(pattern, speaks, 2).timeline
    assert [line.text for line in timeline.log] == ["job 0", "halfjob 1", "half"]
    assert timeline.jobs.created_ns[0] < timeline.log[0].at_ns < timeline.jobs.ended_ns[0]


def test_workers_of_an_own_pool_have_lanes_of_their_own() -> None:
    def pattern(job: Job, count: int) -> set[int]:
        with of_processes(2) as first, of_processes(1) as second:
            return {*first.map(job, range(4)), *second.map(job, range(4, 6))}

    ran = run_blocking(pattern, pid_of, 6)
    labels = ran.recorder.lane_labels
    assert set(labels.values()) == {f"pid {pid}" for pid in ran.returned.value}  # type: ignore[attr-defined]
    assert set(ran.timeline.worker_lanes) == {f"process-{n + 1}" for n in range(len(labels))}


def pid_of(index: int) -> int:
    time.sleep(0.005)
    return os.getpid()


def test_a_future_of_an_own_pool_is_a_plain_one_when_it_is_done() -> None:
    def pattern(job: Job, count: int) -> list[Any]:
        with of_processes(1) as pool:
            future, failing = pool.submit(job, 0), pool.submit(job, 1)
            assert repr(future).startswith("<Future at ")
            assert wait([future, failing], return_when=FIRST_EXCEPTION, timeout=LIMIT_S).done
            assert set(as_completed([future, failing], LIMIT_S)) == {future, failing}
            return [type(future), vars(future).keys() == vars(Future()).keys(), future.result()]

    assert run_blocking(pattern, fails, 2).returned.value == [Future, True, 0]


def test_jobs_that_are_cancelled_in_the_queue_end_then() -> None:
    free = threading.Event()

    def waits(index: int) -> bool:
        return free.wait(LIMIT_S)

    def pattern(job: Job, count: int) -> list[bool]:
        futures: list[Future[bool]] = []
        for kind in (ThreadPoolExecutor, OwnThreads, PlainSubclass):
            free.clear()
            pool = kind(1)
            futures += [held := pool.submit(job, len(futures)), pool.submit(job, len(futures) + 1)]
            wait_until(held.running)
            pool.shutdown(wait=False, cancel_futures=True)
            free.set()
            pool.shutdown()
        return [future.cancelled() for future in futures]

    ran = run_blocking(pattern, waits, 6)
    assert ran.returned.value == [False, True] * 3
    assert ran.timeline.jobs.outcome == ("ok", "cancelled") * 3


def test_jobs_of_processes_that_are_cancelled_in_the_queue_end_then(tmp_path: Path) -> None:
    def pattern(job: Job, count: int) -> bool:
        pool = of_processes(1)
        held = pool.submit(job, 0)
        rest = [pool.submit(job, index) for index in range(1, count)]
        wait_until(held.running)
        pool.shutdown(wait=False, cancel_futures=True)
        wait_until(rest[-1].done)
        (tmp_path / "free").touch()
        wait([future for future in [held, *rest] if not future.cancelled()], LIMIT_S)
        return rest[-1].cancelled()

    ran = run_blocking(pattern, partial(waits_for, tmp_path / "free"), 6)
    assert ran.returned.value is True
    outcomes = ran.timeline.jobs.outcome
    assert (outcomes[0], outcomes[-1]) == ("ok", "cancelled")
    assert set(outcomes) == {"ok", "cancelled"}


def waits_for(path: Path, index: int) -> None:
    give_up_s = time.monotonic() + LIMIT_S
    while not path.exists() and time.monotonic() < give_up_s:
        time.sleep(0.001)


def test_a_pool_whose_initializer_fails_ends_its_jobs() -> None:
    def refuse() -> None:
        raise LookupError("no worker")

    def pattern(job: Job, count: int) -> list[str]:
        with ThreadPoolExecutor(1, initializer=refuse) as pool:
            errors = []
            for index in range(count):
                try:
                    pool.submit(job, index).result(LIMIT_S)
                except BrokenThreadPool as error:
                    errors.append(str(error))
            return errors

    ran = run_blocking(pattern, tenfold, 2)
    assert isinstance(ran.returned.value, list)
    assert len(ran.returned.value) == 2
    assert ran.timeline.jobs.outcome == ("failed",) * 2


def test_a_pool_that_is_shut_down_refuses_jobs_as_without_recording() -> None:
    def pattern(job: Job, count: int) -> Any:
        pool = ThreadPoolExecutor(1)
        pool.shutdown()
        return pool.submit(job, 0)

    ran = run_blocking(pattern, tenfold, 1)
    assert recorded(ran) == bare(pattern, tenfold, 1)
    assert ran.timeline.jobs.outcome == ("failed",)


@pytest.mark.parametrize("name", ["threads", "own threads", "processes", "at once", "elsewhere"])
def test_wrong_calls_fail_as_without_recording_and_are_no_jobs(name: str) -> None:
    def pattern(job: Job, count: int) -> list[str]:
        with POOLS[name]() as pool:
            calls = [
                pool.submit(job),
                pool.submit(job, 0, 1),
                pool.submit(job, 0, other=1),
                pool.submit(partial(job, 0), index=1),
            ]
            return [str(call.exception(LIMIT_S)) for call in calls]

    ran = run_blocking(pattern, tenfold, 1)
    assert recorded(ran) == bare(pattern, tenfold, 1)
    assert len(ran.timeline.jobs.number) == 0


def test_submit_without_a_call_fails_as_without_recording() -> None:
    def pattern(job: Job, count: int) -> list[str]:
        messages = []
        for kind in (ThreadPoolExecutor, OwnThreads):
            with kind(1) as pool, pytest.raises(TypeError) as caught:
                pool.submit()  # type: ignore[call-arg]
            messages.append(str(caught.value).rpartition(".")[2])
        return messages

    assert recorded(run_blocking(pattern, tenfold, 1)) == bare(pattern, tenfold, 1)


def test_asyncios_own_ways_into_threads_are_as_without_recording() -> None:
    def told(index: int) -> str:
        return f"{variable.get()} {index} {threading.current_thread().name.partition('_')[0]}"

    async def pattern(job: Job, count: int) -> list[str]:
        variable.set("set")
        loop = asyncio.get_running_loop()
        said = [await asyncio.to_thread(job, 0), await asyncio.to_thread(job, index=1)]
        said.append(await loop.run_in_executor(None, partial(job, index=2)))
        with pytest.raises(TypeError) as caught:
            loop.set_default_executor(AtOnce())
        said.append(str(caught.value))
        loop.set_default_executor(ThreadPoolExecutor(1, "mine"))
        said.append(await loop.run_in_executor(None, lambda: job(3)))
        await loop.shutdown_default_executor()
        with pytest.raises(RuntimeError) as refused:
            await loop.run_in_executor(None, job, 4)
        return [*said, str(refused.value)]

    ran = run_blocking(pattern, told, 4)
    assert recorded(ran) == bare(pattern, told, 4)
    assert ran.timeline.jobs.outcome[:4] == ("ok",) * 4
    for job in range(4):
        assert states(ran.timeline, job)[-1] == State.WORKING


def test_a_pool_that_two_loops_use_ends_each_job_once() -> None:
    def pattern(job: Job, count: int) -> list[Any]:
        async def use(first: int) -> list[Any]:
            loop = asyncio.get_running_loop()
            calls = [loop.run_in_executor(pool, job, first + n) for n in range(3)]
            return await asyncio.gather(*calls)

        with ThreadPoolExecutor(2) as pool, ThreadPoolExecutor(2) as loops:
            halves = loops.map(lambda first: asyncio.run(use(first)), [0, 3])
            return [each for half in halves for each in half]

    ran = run_here(pattern_of(pattern, JobKind.BLOCKING), tenfold, 6)
    assert_laws(ran.timeline, jobs=6, laws=(1, 2))
    assert ran.returned.value == [0, 10, 20, 30, 40, 50]
    assert ran.timeline.jobs.outcome == ("ok",) * 6
    ends = ran.rows[(ran.rows[:, 0] == 5) & (ran.rows[:, 5] % 256 >= FIRST_END), 1]
    assert sorted(ends.tolist()) == list(range(6))


def test_an_interrupt_in_a_pool_thread_reaches_whoever_asks() -> None:
    def interrupts(index: int) -> None:
        raise KeyboardInterrupt

    def pattern(job: Job, count: int) -> str:
        with ThreadPoolExecutor(1) as pool:
            return type(pool.submit(job, 0).exception(LIMIT_S)).__name__

    ran = run_blocking(pattern, interrupts, 1)
    assert ran.returned.value == "KeyboardInterrupt"
    assert ran.timeline.jobs.outcome == ("failed",)


class Held:
    pass


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, PlainSubclass])
def test_what_was_handed_over_is_freed_when_it_has_been_called(
    kind: type[ThreadPoolExecutor],
) -> None:
    def pattern(job: Job, count: int) -> list[bool]:
        free = threading.Event()
        with kind(1) as pool:
            call, held, cancelled = Held(), Held(), Held()
            dead = [weakref.ref(each) for each in (call, held, cancelled)]
            futures = [
                pool.submit(lambda _: job(0), call),
                pool.submit(partial(lambda _, __: free.wait(LIMIT_S), held), 0),
                pool.submit(partial(job, cancelled)),
            ]
            del call, held, cancelled
            futures[2].cancel()
            free.set()
        gc.collect()
        assert all(future.done() for future in futures)
        return [ref() is None for ref in dead]

    assert run_blocking(pattern, tenfold, 2).returned.value == [True] * 3


def test_a_job_elsewhere_is_queued_until_its_future_is_done() -> None:
    def pattern(job: Job, count: int) -> int:
        return int(Pickling().submit(job, 0).result(LIMIT_S))

    ran = run_blocking(pattern, tenfold, 1)
    assert states(ran.timeline, 0) == [State.QUEUED]


def test_executors_that_are_made_during_the_run_are_seen_too() -> None:
    def pattern(job: Job, count: int) -> str:
        class Made(Executor):
            def submit(self, fn: Job, /, *args: Any, **kwargs: Any) -> Future[Any]:
                future: Future[Any] = Future()
                future.cancel()
                return future

        with pytest.raises(CancelledError):
            Made().submit(job, 0).result(LIMIT_S)
        return Made.submit.__qualname__

    ran = run_blocking(pattern, tenfold, 1)
    assert ran.timeline.jobs.outcome == ("cancelled",)
    assert str(ran.returned.value).endswith("Made.submit")


class LaterOnLoop(Executor):
    """Lets the running loop call what it is handed, in a callback."""

    def submit(self, fn: Job, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def call() -> None:
            future.set_result(fn(*args, **kwargs))

        asyncio.get_running_loop().call_soon(call)
        return future


@pytest.mark.parametrize("kind", [AtOnce, LaterOnLoop])
def test_a_job_that_an_executor_calls_on_the_loop_is_one_job_and_holds_the_loop(
    kind: type[Executor],
) -> None:
    async def pattern(job: Job, count: int) -> list[Any]:
        loop = asyncio.get_running_loop()
        return await asyncio.gather(
            *[loop.run_in_executor(kind(), job, index) for index in range(count)]
        )

    ran = run_blocking(pattern, tenfold, 3)
    assert ran.returned.value == [0, 10, 20]
    assert ran.timeline.jobs.outcome == ("ok",) * 3
    assert [states(ran.timeline, job)[-1] for job in range(3)] == [State.RUNNING] * 3


def in_a_thread(job: Job, _count: int) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(job, 0).result(LIMIT_S)


def in_a_thread_of_its_own(job: Job, _count: int) -> None:
    thread = threading.Thread(target=job, args=(0,))
    thread.start()
    thread.join(LIMIT_S)


async def in_a_task(job: Job, _count: int) -> Any:
    return job(0)


async def in_a_callback(job: Job, _count: int) -> Any:
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    loop.call_soon(lambda: done.set_result(job(0)))
    return await done


@pytest.mark.parametrize(
    "pattern",
    [in_a_thread, in_a_thread_of_its_own, in_a_task, in_a_callback],
)
@pytest.mark.parametrize("by_an_executor", [False, True])
@pytest.mark.parametrize("fails", [False, True])
def test_a_job_that_calls_another_waits_for_it_and_goes_on_where_it_was(
    pattern: Callable[..., Any], by_an_executor: bool, fails: bool
) -> None:
    def calls(index: int) -> int:
        if index == 2:
            if fails:
                raise LookupError(index)
            return index
        again = marked[0]
        try:
            if by_an_executor:
                AtOnce().submit(again, index + 1).result(LIMIT_S)
            else:
                again(index + 1)
        except LookupError:
            return -1
        return index

    async def with_mark(job: Job, count: int) -> None:
        marked.append(job)
        done = pattern(job, count)
        if inspect.isawaitable(done):
            await done

    marked: list[Job] = []
    ran = run_blocking(with_mark, calls, 3)
    timeline = ran.timeline
    assert timeline.jobs.outcome == ("ok", "ok", "failed" if fails else "ok")
    on_loop = timeline.spans.lane[timeline.spans.job == 2][-1] == 0
    busy = State.RUNNING if on_loop else State.WORKING
    for job in (0, 1):
        assert states(timeline, job)[-3:] == [busy, State.WAITING, busy]
        waits = timeline.spans.on[(timeline.spans.job == job)][-2]
        assert waits == On.JOB
    assert states(timeline, 2)[-1] == busy
    assert timeline.jobs.attempts.tolist() == [1, 1, 1]


def test_a_coroutine_that_calls_a_blocking_job_on_the_loop_waits_for_it_and_goes_on() -> None:
    async def calls(index: int) -> int:
        blocking[0](index)
        return index

    async def pattern(job: Job, count: int, blocking_job: Job) -> list[Any]:
        blocking.append(blocking_job)
        return await asyncio.gather(*[job(index) for index in range(count)])

    blocking: list[Job] = []
    ran = run_here(pattern_of(pattern), calls, 2, extras={"blocking_job": tenfold})
    assert_laws(ran.timeline, jobs=4)
    goes_on = [State.RUNNING, State.WAITING, State.RUNNING]
    assert [states(ran.timeline, job)[-3:] for job in (0, 1)] == [goes_on] * 2
    assert [states(ran.timeline, job)[-1] for job in (2, 3)] == [State.RUNNING] * 2


def test_afterwards_executors_are_as_before() -> None:
    before = ThreadPoolExecutor.submit, ProcessPoolExecutor.submit, OwnThreads.submit
    with recorded_executors(Recorder()):
        assert ThreadPoolExecutor.submit is not before[0]
        assert inspect.signature(ThreadPoolExecutor.submit) == inspect.signature(before[0])
        with recorded_executors(Recorder()):
            pass
    assert (ThreadPoolExecutor.submit, ProcessPoolExecutor.submit, OwnThreads.submit) == before
    assert "__init_subclass__" not in vars(Executor)


def doubles(index: int) -> int:
    """Return twice an index; an interpreter can import it."""
    return 2 * index


@pytest.mark.skipif(sys.version_info < (3, 14), reason="interpreters came with Python 3.14")
@pytest.mark.parametrize("wrap", [lambda job, index: (job, index), partial])
def test_a_pool_of_interpreters_takes_the_job_itself_and_gives_its_results(wrap: Any) -> None:
    async def pattern(job: Any, count: int) -> Any:
        futures: Any = __import__("concurrent.futures", fromlist=["InterpreterPoolExecutor"])
        loop = asyncio.get_running_loop()
        with futures.InterpreterPoolExecutor(2) as pool:
            calls = [wrap(job, index) for index in range(count)]
            handed = [call if isinstance(call, tuple) else (call,) for call in calls]
            return await asyncio.gather(*[loop.run_in_executor(pool, *each) for each in handed])

    ran = run_here(pattern_of(pattern, JobKind.BLOCKING), doubles, 3)
    assert ran.returned.value == [0, 2, 4]
    assert ran.timeline.jobs.outcome == ("ok", "ok", "ok")
