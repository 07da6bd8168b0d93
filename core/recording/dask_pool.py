"""A recorded pool of Dask workers: what each of them takes and does is known at once.

They report by a topic of their scheduler, so what a worker has taken stays known if it dies, as
with the pipe of a process pool.
"""

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from functools import partial
from typing import Any

from .dask_workers import (
    CLOSE_LIMIT_S,
    ROW,
    ByValue,
    RemoteJob,
    Where,
    digest,
    do,
    open_crew,
    pickled_by_value,
)
from .errors import SchedulerLost, WorkerLost
from .events import (
    DETAIL_BITS,
    DETAIL_MASK,
    FIRST_END,
    NOBODY,
    Birth,
    Kind,
    LaneKind,
    Then,
    lane_code,
)
from .marks import JobCall, job_called
from .recorder import JobError, Recorder
from .texts import retained
from .work import Row

NS_PER_S = 1_000_000_000
REVIVAL_LIMIT_S = 30.0
"""How long a run without workers waits for one to come back."""


class RecordedDaskPool(Executor):
    """An executor of Dask, `Client.get_executor`, that records the marked jobs it is given.

    Workers report through a topic of the scheduler when they take a job, what it prints and when
    it ends. So what a killed worker had begun stays known, and the scheduler's next attempt
    follows it.
    """

    def __init__(self, recorder: Recorder, address: str, workers: int) -> None:
        """Connect to the scheduler at an address and use some of its workers.

        Raises:
            ClusterUnfit: If the cluster cannot be used, with what to do about it.
        """
        self._max_workers = workers
        self._recorder = recorder
        self._address = address
        crew = open_crew(address, workers, recorder.clock)
        self._client = crew.client
        self._takes_newcomers = crew.is_all
        self._offsets = crew.offsets
        self._alive = {where[0] for where in crew.workers}
        self._lanes: dict[str, int] = {}
        for where in crew.workers:
            self._lane(where)
        recorder.clock_uncertainty_ns = max(each.uncertainty_ns for each in crew.offsets.values())
        restriction = {} if crew.is_all else {"workers": sorted(self._alive)}
        # not `pure`: Dask would do two equal calls once
        self._executor = self._client.get_executor(pure=False, **restriction)
        self._topic = f"loopscope-{uuid.uuid4().hex}"
        self._client.subscribe_topic(self._topic, self._hear)
        self._client.subscribe_topic("all", self._watch_workers)
        self._do = ByValue(do)
        self._payloads: dict[Callable[..., object], bytes] = {}
        self._futures: set[Future[Any]] = set()
        self._open: dict[int, Future[Any]] = {}
        self._ended: set[int] = set()
        self._taken_by: dict[int, str] = {}
        self._lock = threading.Lock()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a call to a worker."""
        if self._client.status != "running":
            raise self._scheduler_lost()
        known = job_called(fn, args, kwargs)
        if known is not None and not known.is_wrong:
            future = self._submit_marked(known)
        else:
            future = self._executor.submit(fn, *args, **kwargs)
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)
        return future

    def _submit_marked(self, known: JobCall) -> Future[Any]:
        number = known.job.created(known.job_index, Birth.POOL)
        payload = self._payload(known.job.plain)
        future: Future[Any] = Future()
        self._open[number] = future
        # the key is what Dask's own pages and logs call the job
        key = f"{self._topic}-job-{number + 1}"
        call = digest(payload), payload, number, known.args, known.named
        remote = self._executor.submit(self._do, *call, key=key)
        future.add_done_callback(partial(self._pass_on_cancelling, number, remote))
        remote.add_done_callback(partial(self._settle, number))
        return future

    def _payload(self, job: Callable[..., object]) -> bytes:
        if job not in self._payloads:
            self._payloads[job] = pickled_by_value(RemoteJob(self._topic, job))
        return self._payloads[job]

    def _pass_on_cancelling(self, number: int, remote: Future[Any], future: Future[Any]) -> None:
        if future.cancelled():
            self._recorder.end(number, Then.CANCELLED)
            remote.cancel()

    def _settle(self, number: int, remote: Future[Any]) -> None:
        """Give a job's future what became of it."""
        if remote.cancelled():
            self._fail(number, self._scheduler_lost())
        elif (error := remote.exception()) is not None:
            self._fail(number, error)
        elif future := self._to_be_set(number):
            self._recorder.results[number] = retained(remote.result())
            self._end(number, Then.OK)
            future.set_result(remote.result())

    def _fail(self, number: int, error: BaseException) -> None:
        if future := self._to_be_set(number):
            self._recorder.errors[number] = JobError.of(error)
            self._end(number, Then.FAILED)
            future.set_exception(error)

    def _to_be_set(self, number: int) -> Future[Any] | None:
        """Return the future of a job that has none of result and error yet, to nobody else."""
        with self._lock:
            future = self._open.pop(number, None)
        return future if future and future.set_running_or_notify_cancel() else None

    def _end(self, number: int, then: Then) -> None:
        """Note the end of a job that no worker has reported."""
        if number not in self._ended:
            self._recorder.end(number, then)

    def _scheduler_lost(self) -> SchedulerLost:
        return SchedulerLost(address=self._address)

    def _lane(self, where: Where) -> int:
        address, host, _identity = where
        if address not in self._lanes:
            lane = self._lanes[address] = lane_code(LaneKind.DASK, len(self._lanes) + 1)
            self._recorder.lane_labels[lane] = f"{address} on {host}"
        return self._lanes[address]

    def _hear(self, event: tuple[float, Any]) -> None:
        """Take in what a worker reports; the client's thread calls this."""
        _, (what, where, content) = event
        offset = self._offsets.get(where[2])
        if offset is None:
            return
        if what == ROW:
            self._take_row(where, offset.ahead_ns, content)
        else:
            at_ns, text = content
            self._recorder.log_at(at_ns - offset.ahead_ns, text)

    def _take_row(self, where: Where, ahead_ns: int, row: Row) -> None:
        kind, number, cpu_ns, start_ns, end_ns, detail, waker = row
        then, lane = detail & DETAIL_MASK, self._lane(where)
        self._taken_by[number] = where[0]
        # `_settle` comes by another way, and may be earlier or later: one of the two ends the job.
        if then >= FIRST_END:
            self._ended.add(number)
        start_ns, end_ns = start_ns - ahead_ns, end_ns - ahead_ns if end_ns else 0
        self._recorder.append(
            (kind, number, cpu_ns, start_ns, end_ns, lane << DETAIL_BITS | then, waker)
        )

    def _watch_workers(self, event: tuple[float, Any]) -> None:
        """Note which workers are there; a run that has none left for long fails."""
        stamp_s, message = event
        address = message.get("worker")
        if message.get("action") == "add-worker" and self._takes_newcomers:
            self._alive.add(address)
        elif message.get("action") == "remove-worker" and address in self._alive:
            self._alive.discard(address)
            self._end_attempts_of(address, self._time_of(stamp_s))
            # a nanny restarts a worker at another address: no use where workers were chosen by
            # theirs
            delay_s = REVIVAL_LIMIT_S if self._takes_newcomers else 0
            self._client.loop.call_later(delay_s, self._give_up_if_alone, address)

    def _time_of(self, stamp_s: float) -> int:
        """Return when the scheduler noted an event: now, if its clock is not this machine's."""
        ago_s = max(0.0, time.time() - stamp_s) if self._takes_newcomers else 0.0
        return self._recorder.clock() - int(ago_s * NS_PER_S)

    def _end_attempts_of(self, address: str, at_ns: int) -> None:
        """Note that the jobs which a worker had taken are queued again, as it is lost."""
        where = self._lanes.get(address, 0) << DETAIL_BITS
        for number in list(self._open):
            if self._taken_by.get(number) == address and number not in self._ended:
                del self._taken_by[number]
                self._recorder.append((Kind.WORKER_LOST, number, 0, at_ns, at_ns, where, NOBODY))

    def _give_up_if_alone(self, last: str) -> None:
        if self._alive:
            return
        for number in list(self._open):
            self._fail(number, WorkerLost(workers=self._max_workers, last=last))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """Leave the cluster when all jobs have ended; its workers stay."""
        futures = list(self._futures)
        if cancel_futures:
            for future in futures:
                future.cancel()
        if wait:
            _wait_for_all(futures)
            self._client.close(timeout=CLOSE_LIMIT_S)


def _wait_for_all(futures: list[Future[Any]]) -> None:
    """Return once all are done; each ends at the latest when workers or scheduler are lost."""
    wait(futures)
