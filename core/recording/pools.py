"""Recorded pools: executors that note when a job is handed over, taken, done or given up."""

import os
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from core.jobs import BlockingJob
from core.recording.events import DETAIL_BITS, WIDTH, LaneKind, Then, lane_code
from core.recording.marks import MarkedBlockingJob, Row, timed_work
from core.recording.recorder import JobError, Recorder
from core.recording.texts import kept
from core.recording.transcript import LineStream, text_stream
from core.recording.worker_lost import lost_among

ROW = struct.Struct(f"={WIDTH}q")
LINE_TIME = struct.Struct("=q")
STARTUP_DEADLINE_S = 30.0
EXIT_DEADLINE_S = 2.0

MAX_ATOMIC_TEXT = 3_500
"""A pipe keeps writes of up to 4,096 bytes whole (POSIX, PIPE_BUF), so workers can share one."""
LEFT_OUT = "…".encode()

UP, ROWS, LINE, ALL_READ = b"U", b"R", b"L", b"A"


class RecordedThreadPool(ThreadPoolExecutor):
    """A thread pool that records the marked jobs that it is given."""

    def __init__(self, recorder: Recorder, **kwargs: Any) -> None:
        """Record into a recorder; the rest is as for the base class."""
        super().__init__(**kwargs)
        self._recorder = recorder

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a call to a thread of the pool."""
        return submit_marked(self._recorder, partial(super().submit, **kwargs), fn, args)


def submit_marked(
    recorder: Recorder,
    submit: Callable[..., Future[Any]],
    fn: Callable[..., Any],
    args: Sequence[Any],
) -> Future[Any]:
    """Hand a call to a pool of threads by its own `submit`; one of a marked job is recorded."""
    if isinstance(fn, MarkedBlockingJob):
        number, call = fn.for_thread(*args)
    elif (inner := _job_in_context(fn)) is not None:
        context_run, job, index = inner
        number, in_thread = job.for_thread(index)
        call = partial(context_run, in_thread)
    else:
        return submit(fn, *args)
    future = submit(call)
    future.add_done_callback(partial(_note_cancelled, recorder, number))
    return future


def _job_in_context(
    fn: Callable[..., Any],
) -> tuple[Callable[..., Any], MarkedBlockingJob, int] | None:
    """Return what `asyncio.to_thread(job, index)` wraps: `context.run`, the job and its index."""
    if isinstance(fn, partial) and fn.args and isinstance(fn.args[0], MarkedBlockingJob):
        return fn.func, fn.args[0], fn.args[1]
    return None


def _note_cancelled(recorder: Recorder, number: int, future: Future[Any]) -> None:
    if future.cancelled():
        recorder.end(number, Then.CANCELLED)


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
        self._lanes: dict[int, int] = {}
        self._killed = False
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
            super().submit(os.getpid)
        for _ in range(self._workers):
            if not self._reports.poll(STARTUP_DEADLINE_S):
                message = f"no worker process came up within {STARTUP_DEADLINE_S:.0f} s"
                raise TimeoutError(message)
            self._number_worker(self._reports.recv_bytes()[1:])

    @property
    def pids(self) -> tuple[int, ...]:
        """The ids of the processes that the pool has now."""
        return tuple(self._processes or ())

    def _number_worker(self, pid: bytes) -> None:
        lane = self._lanes[int(pid)] = lane_code(LaneKind.PROCESS, len(self._lanes) + 1)
        self._recorder.lane_labels[lane] = f"pid {int(pid)}"

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a call to a process of the pool."""
        if not isinstance(fn, MarkedBlockingJob):
            return super().submit(fn, *args, **kwargs)
        (index,) = args
        number, job = fn.for_process(index)
        try:
            future = super().submit(RemoteCall(job=job, number=number, index=index))
        except BrokenExecutor:
            self._give_up(number)
            raise
        future.add_done_callback(partial(self._settle, number))
        return future

    def _settle(self, number: int, future: Future[Any]) -> None:
        if self._killed:
            return
        if future.cancelled():
            self._recorder.end(number, Then.CANCELLED)
        elif isinstance(error := future.exception(), BrokenExecutor):
            self._give_up(number)
        elif error is not None:
            self._recorder.errors[number] = JobError.of(error)
        else:
            self._recorder.results[number] = kept(future.result())

    def _give_up(self, number: int) -> None:
        self._recorder.errors[number] = self._loss()
        self._recorder.end(number, Then.FAILED)

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
                self._recorder.append(self._with_lane(ROW.unpack(body)))
            elif tag == LINE:
                (at_ns,) = LINE_TIME.unpack_from(body)
                self._recorder.log_at(at_ns, body[LINE_TIME.size :].decode(errors="replace"))
            elif tag == ALL_READ:
                self._all_read.set()
            else:
                self._number_worker(body)

    def _with_lane(self, row: Row) -> Row:
        kind, job, ready_ns, start_ns, end_ns, detail, waker = row
        pid, then = detail >> DETAIL_BITS, detail & (1 << DETAIL_BITS) - 1
        if pid not in self._lanes:  # a copy of a worker, which a job has forked
            self._number_worker(str(pid).encode())
        return kind, job, ready_ns, start_ns, end_ns, self._lanes[pid] << DETAIL_BITS | then, waker

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


class _Reporter:
    """A worker process's end of the pipe for reports."""

    def __init__(self, connection: "Connection[bytes, bytes]") -> None:
        self.connection = connection
        self.streams = LineStream(self.line, 1), LineStream(self.line, 2)

    def row(self, row: Row) -> None:
        self.connection.send_bytes(ROWS + ROW.pack(*row))

    def line(self, text: str) -> None:
        body = text.encode(errors="replace")
        if len(body) > MAX_ATOMIC_TEXT:  # bytes that are no letters, each told by three
            body = body[:MAX_ATOMIC_TEXT].decode(errors="ignore").encode() + LEFT_OUT
        self.connection.send_bytes(LINE + LINE_TIME.pack(time.perf_counter_ns()) + body)


_reporter: _Reporter | None = None


def report_to(connection: "Connection[bytes, bytes]") -> None:
    """Make this worker process report to a pipe, also what it prints."""
    global _reporter  # noqa: PLW0603 - a pool's initializer can only leave things in its module
    _reporter = _Reporter(connection)
    sys.stdout, sys.stderr = map(text_stream, _reporter.streams)
    connection.send_bytes(UP + str(os.getpid()).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCall:
    """A job on its way to a worker process."""

    job: BlockingJob
    number: int
    index: int

    def __call__(self) -> object:
        """Do the job and report on it."""
        if _reporter is None:
            message = "this process is not a worker of a recorded pool"
            raise RuntimeError(message)
        try:
            return timed_work(
                _reporter.row,
                time.perf_counter_ns,
                os.getpid(),
                self.number,
                partial(self.job, self.index),
            )
        finally:
            for stream in _reporter.streams:
                stream.flush_rest()
