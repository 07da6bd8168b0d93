"""Recorded pools: what is handed over, taken, done or given up."""

import asyncio
import errno
import itertools
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from functools import partial
from multiprocessing.synchronize import SemLock
from pathlib import Path
from typing import Any

import pytest

from core.processes import kill
from core.recording import pools
from core.recording.errors import NoSharedMemory, NoWorkerProcess
from core.recording.events import BYTES_PER_EVENT, Kind, lane_name
from core.recording.marks import MarkedBlockingJob
from core.recording.pools import (
    SEMAPHORES,
    RecordedProcessPool,
    RecordedThreadPool,
    lost_among,
    refuse_without_semaphores,
)
from core.recording.recorder import JobError, Recorder
from core.recording.remote import MAX_ATOMIC_TEXT
from core.recording.transcript import MAX_LINE_BYTES
from tests.kit.virtual import table
from tests.kit.watching import wait_until

LIMIT_S = 10
READING_S = 0.2


def kinds(recorder: Recorder) -> dict[int, list[int]]:
    """Return the kinds of the rows of each job, in order."""
    rows = table(recorder.take().events)
    return {number: rows[rows[:, 1] == number, 0].tolist() for number in set(rows[:, 1].tolist())}


def double(index: int) -> int:
    print("doubling", index)
    return 2 * index


def speak_at_length(index: int) -> None:
    print("한" * (MAX_LINE_BYTES // 3 + 400 * index))


def vanish(index: int) -> None:
    os._exit(1)


def refuse(index: int) -> None:
    raise LookupError(index)


def test_a_thread_pool_records_marked_jobs_and_no_other_calls() -> None:
    recorder = Recorder()
    with RecordedThreadPool(recorder, max_workers=1) as pool:
        assert pool.submit(int, "7").result(LIMIT_S) == 7
        assert pool.submit(MarkedBlockingJob(double, recorder), 4).result(LIMIT_S) == 8
    assert kinds(recorder) == {4: [Kind.CREATED, Kind.TAKEN, Kind.WORKED]}
    assert recorder.results == {4: 8}


def test_a_queued_job_that_is_cancelled_ends_without_having_been_taken() -> None:
    recorder = Recorder()
    free = threading.Event()
    with RecordedThreadPool(recorder, max_workers=1) as pool:
        held = pool.submit(free.wait, LIMIT_S)
        queued = pool.submit(MarkedBlockingJob(double, recorder), 0)
        assert queued.cancel()
        free.set()
        assert held.result(LIMIT_S)
    assert kinds(recorder) == {0: [Kind.CREATED, Kind.ENDED]}


def test_a_job_in_asyncios_to_thread_is_recorded_too() -> None:
    recorder = Recorder()
    marked = MarkedBlockingJob(double, recorder)

    async def program() -> object:
        with RecordedThreadPool(recorder, max_workers=1) as pool:
            asyncio.get_running_loop().set_default_executor(pool)
            return await asyncio.to_thread(marked, 3)

    assert asyncio.run(program()) == 6
    assert kinds(recorder) == {3: [Kind.CREATED, Kind.TAKEN, Kind.WORKED]}


def test_processes_report_their_jobs_and_what_they_print() -> None:
    recorder = Recorder()
    with RecordedProcessPool(recorder, 2) as pool:
        marked = MarkedBlockingJob(double, recorder)
        futures = [pool.submit(marked, index) for index in range(4)]
        assert [future.result(LIMIT_S) for future in futures] == [0, 2, 4, 6]
        assert pool.submit(abs, -3).result(LIMIT_S) == 3
    parcel = recorder.take()
    rows = table(parcel.events)
    assert len(parcel.events) == 12 * BYTES_PER_EVENT
    for number in range(4):
        assert rows[rows[:, 1] == number, 0].tolist() == [Kind.CREATED, Kind.TAKEN, Kind.WORKED]
    assert sorted(line.text for line in parcel.log) == [f"doubling {n}" for n in range(4)]


def test_a_line_too_long_for_one_report_is_cut_and_says_so() -> None:
    recorder = Recorder()
    with RecordedProcessPool(recorder, 1) as pool:
        marked = MarkedBlockingJob(speak_at_length, recorder)
        for index in range(2):
            pool.submit(marked, index).result(LIMIT_S)
    texts = [line.text for line in recorder.take().log]
    whole = "한" * (MAX_LINE_BYTES // 3)
    assert texts == [whole, f"{whole}… (1,200 more bytes)"]


def speak_nonsense(index: int) -> None:
    sys.stdout.buffer.write(b"\xff" * MAX_LINE_BYTES + b"\n")


def test_bytes_that_are_no_letters_fit_into_one_report_too() -> None:
    recorder = Recorder()
    with RecordedProcessPool(recorder, 1) as pool:
        pool.submit(MarkedBlockingJob(speak_nonsense, recorder), 0).result(LIMIT_S)
    assert [line.text for line in recorder.take().log] == ["\ufffd" * (MAX_ATOMIC_TEXT // 3) + "…"]


def test_a_failure_in_a_process_keeps_its_type_and_message() -> None:
    recorder = Recorder()
    with (
        RecordedProcessPool(recorder, 1) as pool,
        pytest.raises(LookupError),
    ):
        pool.submit(MarkedBlockingJob(refuse, recorder), 5).result(LIMIT_S)
    assert recorder.errors[5].as_dict() == {"type": "LookupError", "message": "5"}


def lose_a_worker(recorder: Recorder) -> None:
    """Let the only worker of a pool vanish in the middle of job 0."""
    with RecordedProcessPool(recorder, 1) as pool:
        future: Future[object] = pool.submit(MarkedBlockingJob(vanish, recorder), 0)
        with pytest.raises(BrokenExecutor):
            future.result(LIMIT_S)


def test_a_worker_that_vanishes_fails_its_job_once() -> None:
    recorder = Recorder()
    lose_a_worker(recorder)
    assert kinds(recorder)[0] == [Kind.CREATED, Kind.TAKEN, Kind.ENDED]
    assert recorder.errors[0].kind == "WorkerLost"
    (label,) = recorder.lane_labels.values()
    assert recorder.errors[0].message == (
        f"worker process {label.removeprefix('pid ')} ended with exit code 1"
    )


def test_workers_that_were_lost_together_are_all_named() -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=partial(os._exit, code)) for code in (3, 0)]
    for worker in workers:
        worker.start()
    assert str(lost_among([])) == "one of 0 worker processes ended"
    for worker in workers:
        worker.join(LIMIT_S)
    killed, ended = workers[0].pid, workers[1].pid
    assert JobError.of(lost_among(workers)).values == (("ends", f"{killed} (3), {ended} (0)"),)
    assert JobError.of(lost_among(workers[:1])).values == (("pid", killed), ("code", 3))


def test_a_lost_job_ends_after_all_that_its_worker_had_reported() -> None:
    class SlowlyRead(Recorder):
        def append(self, row: tuple[int, ...]) -> None:
            if row[0] == Kind.TAKEN:
                time.sleep(READING_S)
            super().append(row)

    recorder = SlowlyRead()
    lose_a_worker(recorder)
    assert kinds(recorder)[0] == [Kind.CREATED, Kind.TAKEN, Kind.ENDED]


def test_a_job_handed_to_a_broken_pool_fails_at_once() -> None:
    recorder = Recorder()
    with RecordedProcessPool(recorder, 1) as pool:
        future: Future[object] = pool.submit(MarkedBlockingJob(vanish, recorder), 0)
        with pytest.raises(BrokenExecutor):
            future.result(LIMIT_S)
        with pytest.raises(BrokenExecutor):
            pool.submit(MarkedBlockingJob(double, recorder), 1)
    assert kinds(recorder)[1] == [Kind.CREATED, Kind.ENDED]
    assert recorder.errors[1] == recorder.errors[0]


def test_a_killed_worker_is_named_in_the_error_of_each_unfinished_job(tmp_path: Path) -> None:
    recorder = Recorder()
    with RecordedProcessPool(recorder, 2) as pool:
        assert pool.submit(MarkedBlockingJob(double, recorder), 0).result(LIMIT_S) == 0
        held = MarkedBlockingJob(partial(_write_pid_and_wait, tmp_path), recorder)
        futures = [pool.submit(held, index) for index in (1, 2, 3)]
        wait_until(lambda: len(list(tmp_path.glob("*.pid"))) == 2)
        killed = int((tmp_path / "1.pid").read_text())
        kill(killed)
        for future in futures:
            with pytest.raises(BrokenExecutor):
                future.result(LIMIT_S)
    message = f"worker process {killed} was killed by signal 9"
    assert recorder.errors == {
        number: JobError(
            kind="WorkerLost", message=message, values=(("pid", killed), ("signal", 9))
        )
        for number in (1, 2, 3)
    }
    done, first, second, queued = (kinds[1] for kinds in sorted(kinds(recorder).items()))
    assert done == [Kind.CREATED, Kind.TAKEN, Kind.WORKED]
    assert first == second == [Kind.CREATED, Kind.TAKEN, Kind.ENDED]
    assert queued == [Kind.CREATED, Kind.ENDED]


def _write_pid_and_wait(folder: Path, index: int) -> None:
    new = folder / f"{index}.new"
    new.write_text(str(os.getpid()))
    new.rename(folder / f"{index}.pid")
    threading.Event().wait()


def test_a_pool_of_processes_says_how_they_were_started_and_which_they_are() -> None:
    recorder = Recorder()
    with RecordedProcessPool(recorder, 2) as pool:
        pids = {int(pool.submit(os.getpid).result(LIMIT_S)) for _ in range(8)}
        assert pool.start_method == multiprocessing.get_start_method()
    assert [lane_name(lane) for lane in recorder.lane_labels] == ["process-1", "process-2"]
    assert {f"pid {pid}" for pid in pids} <= set(recorder.lane_labels.values())


def test_killed_workers_leave_their_jobs_open_and_nothing_defunct() -> None:
    recorder = Recorder()
    with RecordedProcessPool(recorder, 2) as pool:
        futures = [
            pool.submit(MarkedBlockingJob(partial(_wait), recorder), index) for index in range(2)
        ]
        pool.kill()
        for future in futures:
            with pytest.raises(BrokenExecutor):
                future.result(LIMIT_S)
    assert all(Kind.ENDED not in each for each in kinds(recorder).values())


def _wait(index: int) -> None:
    threading.Event().wait()


def lock_that_fails_after(made: int, code: int) -> Callable[[], object]:
    count = itertools.count()

    def lock() -> object:
        if next(count) < made:
            return multiprocessing.Lock()
        raise OSError(code, os.strerror(code))

    return lock


def test_a_shared_memory_too_small_for_all_semaphores_of_a_pool_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pools, "Lock", lock_that_fails_after(4, errno.ENOSPC))
    with pytest.raises(NoSharedMemory, match="No space left on device"):
        refuse_without_semaphores()


def test_a_pool_makes_as_many_semaphores_as_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    init = SemLock.__init__

    def note(self: SemLock, *args: Any, **named: Any) -> None:
        made.append(args)
        init(self, *args, **named)

    monkeypatch.setattr(SemLock, "__init__", note)
    with RecordedProcessPool(Recorder(), 1):
        assert len(made) == SEMAPHORES


@pytest.mark.parametrize("code", [errno.EAGAIN, errno.EMFILE], ids=os.strerror)
def test_what_is_no_lack_of_shared_memory_is_not_called_so(
    monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(pools, "Lock", lock_that_fails_after(0, code))
    with pytest.raises(OSError, match=os.strerror(code)):
        refuse_without_semaphores()


def test_a_fork_server_that_ends_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(*_: object) -> None:
        raise EOFError("unexpected EOF")

    monkeypatch.setattr(pools, "process_submit", ended)
    with pytest.raises(NoWorkerProcess, match="ulimit -u"):
        RecordedProcessPool(Recorder(), 1)
