"""Recorded pools: executors that note when a job is handed over, taken, done or given up."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from typing import Any

from .events import DETAIL_BITS, DETAIL_MASK, FIRST_END, Then
from .executors import (
    process_submit,
    submit_to_processes,
    submit_to_threads,
    thread_submit,
)
from .recorder import JobError, Recorder
from .remote import ALL_READ, LINE, LINE_TIME, ROW, ROWS, report_to
from .work import Row
from .worker_lost import lost_among

STARTUP_DEADLINE_S = 30.0
EXIT_DEADLINE_S = 2.0


class RecordedThreadPool(ThreadPoolExecutor):
    """A thread pool that records the marked jobs that it is given."""

    def __init__(self, recorder: Recorder, **kwargs: Any) -> None:
        """Record into a recorder; the rest is as for the base class."""
        super().__init__(**kwargs)
        self._recorder = recorder

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a call to a thread of the pool."""
        return submit_to_threads(self._recorder, partial(thread_submit, self), fn, args, kwargs)


class RecordedProcessPool(ProcessPoolExecutor):
    """A process pool whose workers report by a pipe of their own.

    What a worker has begun is known at once and stays known if the worker is killed. The jobs that
    are unfinished then are recorded with the error `WorkerLost`, which names the worker; the
    program sees `BrokenProcessPool`, as of any pool.

    Attributes:
        start_method: How the processes are started: `fork`, `forkserver` or `spawn`.
    """

    def __init__(self, recorder: Recorder, workers: int) -> None:
        """Start `workers` processes by the platform's usual start method, and wait for them."""
        self._recorder = recorder
        self._workers = workers
        self._killed = False
        self._done: set[int] = set()
        self._lost: JobError | None = None
        context = get_context()
        self.start_method = context.get_start_method()
        self._reports, self._own_end = context.Pipe(duplex=False)
        super().__init__(
            max_workers=workers,
            mp_context=context,
            initializer=report_to,
            initargs=(self._own_end,),
        )
        self._await_workers()
        self._started = tuple(self._processes.values())
        self._all_read = threading.Event()
        self._reader = threading.Thread(target=self._read, name="worker reports", daemon=True)
        self._reader.start()

    def _await_workers(self) -> None:
        for _ in range(self._workers):
            process_submit(self, os.getpid)
        for _ in range(self._workers):
            if not self._reports.poll(STARTUP_DEADLINE_S):
                message = f"no worker process came up within {STARTUP_DEADLINE_S:.0f} s"
                raise TimeoutError(message)
            self._recorder.lane_of_process(int(self._reports.recv_bytes()[1:]))

    @property
    def pids(self) -> tuple[int, ...]:
        """The ids of the processes that the pool has now."""
        return tuple(self._processes or ())

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a call to a process of the pool."""
        submit = partial(process_submit, self)
        return submit_to_processes(self._recorder, submit, fn, args, kwargs, self._give_up)

    def _give_up(self, numbers: Sequence[int]) -> None:
        """End the jobs that were not done when the pool broke, at the time when it knows of it."""
        if self._killed:
            return
        now = self._recorder.clock()
        loss = self._loss()
        for number in numbers:
            if number not in self._done:
                self._recorder.errors[number] = loss
                self._recorder.end(number, Then.FAILED, now)

    def _loss(self) -> JobError:
        """Return which workers were lost; asked before the pool ends the others, too."""
        if self._lost is None:
            self._lost = JobError.of(lost_among(self._started))
            self._await_reports()
        return self._lost

    def _await_reports(self) -> None:
        """Wait until everything that the workers have reported so far has been recorded."""
        with suppress(OSError):  # a pool that is being shut down without waiting has closed its end
            self._own_end.send_bytes(ALL_READ)
            self._all_read.wait(EXIT_DEADLINE_S)

    def _read(self) -> None:
        while True:
            try:
                message = self._reports.recv_bytes()
            except EOFError:
                return
            tag, body = message[:1], message[1:]
            if tag == ROWS:
                self._take_row(ROW.unpack(body))
            elif tag == LINE:
                (at_ns,) = LINE_TIME.unpack_from(body)
                self._recorder.log_at(at_ns, body[LINE_TIME.size :].decode(errors="replace"))
            elif tag == ALL_READ:
                self._all_read.set()
            else:
                self._recorder.lane_of_process(int(body))

    def _take_row(self, row: Row) -> None:
        kind, job, ready_ns, start_ns, end_ns, detail, waker = row
        then = detail & DETAIL_MASK
        if then >= FIRST_END:
            self._done.add(job)
        where = self._recorder.lane_of_process(detail >> DETAIL_BITS) << DETAIL_BITS | then
        self._recorder.append((kind, job, ready_ns, start_ns, end_ns, where, waker))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """End the workers; once it returns, all that they reported has been recorded."""
        super().shutdown(wait=wait, cancel_futures=cancel_futures)
        self._own_end.close()
        if wait:
            self._reader.join(EXIT_DEADLINE_S)
            self._reports.close()

    def kill(self) -> None:
        """End the workers now, whatever they are doing, and leave none of them defunct.

        The jobs that they were doing are lost rather than failed.
        """
        self._killed = True
        workers = list((self._processes or {}).values())
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.join(EXIT_DEADLINE_S)
