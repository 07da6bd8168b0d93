"""Job marks: how a job that is called begins and ends."""

import asyncio
import copy
import inspect
import pickle
import weakref
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from core.jobs import BlockingJob, CoroutineJob, JobKind
from core.recording.events import NOBODY, Kind
from core.recording.marks import MarkedBlockingJob, MarkedCoroutineJob
from core.recording.recorder import JobError, Recorder
from tests.kit.laws import assert_laws, assert_one_end_recorded_each
from tests.kit.virtual import MS, VirtualClock, pattern_of, run_here, run_virtually, table


async def workload(index: int) -> int:
    return index


def blocking(index: int) -> int:
    return 10 // index


def test_a_marked_coroutine_carries_the_workloads_name() -> None:
    marked = MarkedCoroutineJob(partial(workload), Recorder())
    coroutine: Any = marked(0)
    assert (coroutine.__name__, coroutine.__qualname__) == ("workload", "workload")
    coroutine.close()


def test_a_marked_coroutine_is_known_by_its_number_and_others_are_not() -> None:
    marked = MarkedCoroutineJob(workload, Recorder())
    coroutine, other = marked(5), workload(0)
    assert marked.number_of(coroutine) == 5
    assert marked.number_of(other) == NOBODY
    assert marked.number_of(None) == NOBODY
    coroutine.close()
    other.close()


def test_a_marked_job_does_its_work_on_a_loop_that_does_not_record() -> None:
    assert asyncio.run(MarkedCoroutineJob(workload, Recorder())(7)) == 7


def test_a_blocking_job_outside_of_any_loop_works_in_the_calling_thread() -> None:
    recorder = Recorder(clock=VirtualClock())
    assert MarkedBlockingJob(blocking, recorder)(5) == 2
    rows = table(recorder.take().events)
    assert rows[:, 0].tolist() == [Kind.CREATED, Kind.TAKEN, Kind.WORKED]
    assert recorder.results == {5: 2}


def test_a_blocking_job_that_fails_is_recorded_and_its_error_goes_on() -> None:
    recorder = Recorder()
    with pytest.raises(ZeroDivisionError):
        MarkedBlockingJob(blocking, recorder)(0)
    assert recorder.errors[0].kind == "ZeroDivisionError"
    assert recorder.results == {}


def test_a_coroutine_that_goes_before_it_began_ends_its_job_as_lost_at_that_moment() -> None:
    clock = VirtualClock()

    async def pattern(job: CoroutineJob, count: int) -> None:
        coroutine = job(0)
        clock.now_ns += 10 * MS
        coroutine.close()
        del coroutine
        clock.now_ns += 10 * MS

    async def job(index: int) -> None:
        raise AssertionError

    ran = run_virtually(pattern, job, 1, clock=clock)
    assert_laws(ran.timeline, jobs=1)
    assert ran.timeline.jobs.outcome == ("lost",)
    assert int(ran.timeline.jobs.ended_ns[0]) // MS == 10
    assert ran.recorder.unbegun == {}


def test_a_task_cancelled_before_it_began_has_one_end() -> None:
    async def pattern(job: CoroutineJob, count: int) -> None:
        task = asyncio.create_task(job(0))
        task.cancel()
        await asyncio.wait([task])

    async def job(index: int) -> None:
        raise AssertionError

    ran = run_virtually(pattern, job, 1)
    assert_one_end_recorded_each(ran.rows)
    assert ran.timeline.jobs.outcome == ("cancelled",)


class Big:
    pass


def test_results_that_the_program_drops_are_freed_during_the_run() -> None:
    async def big(index: int) -> Big:
        await asyncio.sleep(0)
        return Big()

    async def pattern(job: CoroutineJob, count: int) -> int:
        alive: weakref.WeakSet[object] = weakref.WeakSet()
        most = 0
        for index in range(count):
            alive.add(await job(index))
            most = max(most, len(alive))
        return most

    ran = run_virtually(pattern, big, 10)
    assert ran.returned.value == 0
    assert ran.timeline.jobs.result == ("<Big object>",) * 10


def test_results_of_blocking_jobs_are_freed_too() -> None:
    def big(index: int) -> Big:
        return Big()

    def pattern(job: BlockingJob, count: int) -> int:
        alive: weakref.WeakSet[object] = weakref.WeakSet()
        with ThreadPoolExecutor(1) as pool:
            for index in range(count):
                alive.add(job(index))
                alive.add(pool.submit(job, index).result(10))
        return len(alive)

    assert run_here(pattern_of(pattern, JobKind.BLOCKING), big, 10).returned.value == 0


def test_an_error_without_a_text_reaches_the_program_as_it_is() -> None:
    class Bad(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    async def bad(index: int) -> None:
        raise Bad

    async def pattern(job: CoroutineJob, count: int) -> str:
        try:
            await job(0)
        except Bad as error:
            return type(error).__name__
        return ""

    ran = run_virtually(pattern, bad, 1)
    assert ran.returned.value == "Bad"
    assert ran.timeline.jobs.error == (JobError(kind="Bad", message="<exception str() failed>"),)


async def documented(index: int, *, delay_s: float = 0.0) -> tuple[int, float]:
    """Do something."""
    return index, delay_s


def work(index: int, *, factor: int = 1) -> int:
    """Work."""
    return index * factor


class Worker:
    def __init__(self) -> None:
        self.calls = 0

    async def method(self, index: int) -> int:
        self.calls += 1
        return index

    def __call__(self, index: int) -> int:
        return index


BARE: dict[str, tuple[Any, Any]] = {
    "coroutine function": (MarkedCoroutineJob, documented),
    "partial": (MarkedCoroutineJob, partial(documented, delay_s=1.0)),
    "nested partial": (MarkedCoroutineJob, partial(partial(documented), delay_s=1.0)),
    "method": (MarkedCoroutineJob, Worker().method),
    "partial of a method": (MarkedCoroutineJob, partial(Worker().method)),
    "function": (MarkedBlockingJob, work),
    "partial of a function": (MarkedBlockingJob, partial(work, factor=3)),
    "callable object": (MarkedBlockingJob, Worker()),
    "lambda": (MarkedBlockingJob, lambda index: index),
    "builtin": (MarkedBlockingJob, abs),
}


@pytest.mark.parametrize(("kind", "job"), BARE.values(), ids=list(BARE))
def test_a_marked_job_looks_like_the_job(kind: Any, job: Any) -> None:
    marked = kind(job, Recorder())
    assert inspect.iscoroutinefunction(marked) == inspect.iscoroutinefunction(job)
    assert inspect.isgeneratorfunction(marked) == inspect.isgeneratorfunction(job)
    assert callable(marked)
    assert inspect.signature(marked) == inspect.signature(job)
    assert marked.__doc__ == job.__doc__
    assert marked.__module__ == job.__module__
    assert marked.__wrapped__ is job
    assert repr(marked) == repr(job)
    if not isinstance(job, partial):
        missing = object()
        assert getattr(marked, "__name__", missing) == getattr(job, "__name__", missing)
        assert getattr(marked, "__qualname__", missing) == getattr(job, "__qualname__", missing)


def test_a_marked_job_has_the_attributes_of_the_job() -> None:
    job = partial(work, factor=3)
    marked = MarkedBlockingJob(job, Recorder())
    assert (marked.func, marked.args, marked.keywords) == (work, (), {"factor": 3})
    with pytest.raises(AttributeError, match="object has no attribute 'other'"):
        marked.other  # noqa: B018 - it fails


@pytest.mark.parametrize("job", [work, partial(work, factor=3), Worker(), abs])
def test_a_marked_job_is_pickled_as_the_job(job: Any) -> None:
    marked = MarkedBlockingJob(job, Recorder())
    loaded = pickle.loads(pickle.dumps(marked))  # noqa: S301 - made here
    assert type(loaded) is type(job)
    assert loaded(2) == job(2)
    assert copy.copy(marked) is copy.deepcopy(marked) is marked


def test_a_job_that_cannot_be_pickled_fails_as_without_recording() -> None:
    job = lambda index: index  # noqa: E731 - it is a lambda that cannot be pickled
    with pytest.raises((pickle.PicklingError, AttributeError)) as bare:
        pickle.dumps(job)
    with pytest.raises((pickle.PicklingError, AttributeError)) as marked:
        pickle.dumps(MarkedBlockingJob(job, Recorder()))
    assert str(marked.value) == str(bare.value)


@pytest.mark.parametrize(
    ("args", "named"),
    [((), {}), ((1, 2), {}), ((), {"other": 1}), ((1,), {"index": 1}), ((1,), {"other": 1})],
    ids=str,
)
@pytest.mark.parametrize("name", [name for name in BARE if name != "builtin"])
def test_a_wrong_call_fails_as_the_jobs_own_and_is_no_job(name: str, args: Any, named: Any) -> None:
    kind, job = BARE[name]
    recorder = Recorder()
    with pytest.raises(TypeError) as bare:
        job(*args, **named)
    with pytest.raises(TypeError) as marked:
        kind(job, recorder)(*args, **named)
    assert str(marked.value) == str(bare.value)
    assert recorder.take().events == b""


def test_jobs_can_be_called_by_name_and_with_more() -> None:
    async def pattern(job: Any, count: int) -> list[Any]:
        return [await job(index=1), await job(0, delay_s=2.0), await job(delay_s=1.0, index=2)]

    ran = run_virtually(pattern, documented, 3)
    assert ran.returned.value == [(1, 0.0), (0, 2.0), (2, 1.0)]
    assert ran.timeline.jobs.outcome == ("ok",) * 3
    assert ran.timeline.jobs.result == ("(0, 2.0)", "(1, 0.0)", "(2, 1.0)")


def test_blocking_jobs_can_be_called_by_name_and_with_more() -> None:
    async def pattern(job: Any, count: int) -> list[Any]:
        return [job(1, factor=5), await asyncio.to_thread(job, index=2), job(factor=2, index=3)]

    ran = run_here(pattern_of(pattern, JobKind.BLOCKING), work, 3)
    assert ran.returned.value == [5, 2, 6]
    assert ran.timeline.jobs.number.tolist() == [1, 2, 3]
    assert ran.timeline.jobs.outcome == ("ok",) * 3


@pytest.mark.parametrize("index", ["a", None, -1, 10**30, 1.5, True, [0]], ids=repr)
def test_a_job_whose_index_is_no_number_gets_one(index: Any) -> None:
    async def echo(given: Any) -> Any:
        return given

    async def pattern(job: Any, count: int) -> Any:
        return [await job(index), await job(index)]

    ran = run_virtually(pattern, echo, 2)
    assert_laws(ran.timeline, jobs=2)
    assert ran.returned.value == [index, index]
    assert ran.timeline.jobs.number.tolist() == [0, 1]


def test_a_job_of_several_parameters_is_known_by_its_first() -> None:
    async def both(index: int, more: Any) -> str:
        return f"{index} {more}"

    async def pattern(job: Any, count: int) -> str:
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'more'"):
            job(0)
        return str(await job(4, "more"))

    job: Any = both
    ran = run_virtually(pattern, job, 1)
    assert ran.returned.value == "4 more"
    assert ran.timeline.jobs.number.tolist() == [4]
