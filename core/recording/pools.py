"""Recorded pools: executors that note when a job is handed over, taken, done or given up.

Processes are up before the clock starts, or every run would show their start instead of its
pattern; the caller measures how long that takes. A worker's reports are read to the end
before its job is given up: they come by a pipe, the failure by the pool, and what the pool's own
end of the pipe says last is read last. So a lost job never ends before it was taken.
"""

import errno
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import Lock, get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from .errors import NoSharedMemory, NoWorkerProcess, WorkerLost
from .events import DETAIL_BITS, DETAIL_MASK, FIRST_END, Then
from .executors import process_submit, submit_to_threads, thread_submit
from .process_calls import submit_to_processes
from .recorder import JobError, Recorder
from .remote import ALL_READ, LINE, LINE_TIME, ROW, ROWS, report_to
from .work import Row

EXIT_CODE_LIMIT_S = 1.0
POLL_S = 0.002


def lost_among(workers: Iterable[BaseProcess]) -> WorkerLost:
    """Return the error that names the processes which have ended, and how."""
    by_sentinel = {worker.sentinel: worker for worker in workers}
    # With a fork server the exit code comes by the sentinel, and Python 3.15's pools read it before
    # they report the loss: then the sentinel shows nothing until the server closes its end.
    known = {sentinel for sentinel, worker in by_sentinel.items() if worker.exitcode is not None}
    known.update(wait(list(by_sentinel), 0))  # type: ignore[arg-type]
    ended = [worker for sentinel, worker in by_sentinel.items() if sentinel in known]
    if not ended:
        return WorkerLost(workers=len(by_sentinel))
    if len(ended) > 1:
        return WorkerLost(ends=", ".join(f"{each.pid} ({_end_name(each)})" for each in ended))
    (worker,) = ended
    code = _exit_code(worker)
    if code is None:
        return WorkerLost(pid=worker.pid or 0)
    return (
        WorkerLost(pid=worker.pid or 0, signal=-code)
        if code < 0
        else WorkerLost(pid=worker.pid or 0, code=code)
    )


def _end_name(worker: BaseProcess) -> str:
    """Return a signal by its name, as it is the same in every language, or the exit code."""
    code = _exit_code(worker)
    with suppress(ValueError, TypeError):  # a signal without a name, or no code
        return signal.Signals(-code).name  # type: ignore[operator]
    return "?" if code is None else str(code)


def _exit_code(worker: BaseProcess) -> int | None:
    """Return how a process ended; the system says so a moment after its descriptors are closed."""
    give_up_s = time.monotonic() + EXIT_CODE_LIMIT_S
    while (code := worker.exitcode) is None and time.monotonic() < give_up_s:
        time.sleep(POLL_S)
    return code


SEMAPHORES = 5
"""Of a pool of processes: two for each of its two queues, and one that bounds the calls in one."""
NOT_OF_MEMORY = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
"""What the process that tracks semaphores meets: no process, no memory, no descriptor for it."""


def refuse_without_semaphores() -> None:
    """Try to share as many semaphores as a pool of processes does.

    Raises:
        NoSharedMemory: If there is no room for them.
        OSError: If they fail for another reason.
    """
    try:
        for_a_moment = [Lock() for _ in range(SEMAPHORES)]
    except OSError as error:
        if error.errno in NOT_OF_MEMORY:
            raise
        raise NoSharedMemory(reason=error.strerror or str(error)) from error
    for_a_moment.clear()


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
        reporting: dict[str, Any] = {"initializer": report_to, "initargs": (self._own_end,)}
        super().__init__(max_workers=workers, mp_context=context, **reporting)
        self._await_workers()
        self._started = tuple(self._processes.values())
        self._all_read = threading.Event()
        # after the workers: one that is forked while a thread runs may copy a lock that it holds
        self._reader = threading.Thread(target=self._read, name="worker reports", daemon=True)
        self._reader.start()

    def _await_workers(self) -> None:
        # One call for each: a pool starts a process where a call finds none idle, but forks all at
        # once.
        try:
            for _ in range(self._workers):
                process_submit(self, os.getpid)
        except EOFError as error:  # by the fork server, which says no more than that it has ended
            raise NoWorkerProcess(reason=str(error) or type(error).__name__) from error
        for _ in range(self._workers):
            if not self._reports.poll(STARTUP_DEADLINE_S):
                raise NoWorkerProcess(limit=STARTUP_DEADLINE_S)
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
        # `kill` was meant: what is open then has no end, and is lost
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
            # the pipe keeps the order of its writes, so this comes after all reports
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
