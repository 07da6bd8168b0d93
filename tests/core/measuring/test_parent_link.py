"""What multiprocessing keeps beside its workers goes with a process that ends by `os._exit`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from core import run
from core.analysis.findings import holds
from core.errors import RunFailed
from core.processes import ROOT
from core.spec.run_spec import RunSpec
from core.timeline.timeline import EXCUSES, Cause, State
from tests.kit.needs import linux_only, needs_run_delay
from tests.kit.watching import LIMIT_S, measuring

pytestmark = pytest.mark.real

ENDS_AT_ONCE = """
import contextlib, multiprocessing, os, sys, time
from pathlib import Path
from core.measuring.parent_link import end_what_starts_workers
context = multiprocessing.get_context(sys.argv[1])
if __name__ == "__main__":
    lock = context.Lock()
    worker = context.Process(target=time.sleep, args=(60,))
    worker.start()
    end_what_starts_workers()
    own = Path(f"/proc/{os.getpid()}/task")
    children = []
    for each in own.glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended
            children += each.read_text().split()
    print(children, Path(f"/dev/shm/sem.{lock._semlock.name[1:]}").exists(), flush=True)
    os._exit(0)
"""


@linux_only("semaphores in /dev/shm, and a fork server")
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_the_fork_server_the_tracker_and_what_they_held_are_gone(method: str) -> None:
    with tempfile.TemporaryDirectory(prefix="ends-") as folder:  # short enough for a socket in it
        done = subprocess.run(
            [sys.executable, "-c", ENDS_AT_ONCE, method],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout == "[] False\n"
        assert list(Path(folder).iterdir()) == []


def test_where_nothing_was_started_nothing_is_ended() -> None:
    script = "from core.measuring.parent_link import end_what_starts_workers as end; end(); end()"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=60, check=True)


bounds_memory = linux_only("a bound on memory that is known to be met")


@needs_run_delay
@pytest.mark.parametrize("executor", ["default", "threads"])
def test_where_threads_calculate_no_line_that_starts_them_is_accused(executor: str) -> None:
    spec = RunSpec(
        pattern="run_in_executor", workload="cpu", tasks=4, sleep_s=0.1, executor=executor
    )
    timeline = run(spec)
    steps = timeline.steps_of_run
    assert [hold.where for hold in holds(timeline)] == []
    assert set(steps.cause[steps.is_long].tolist()) <= set(EXCUSES)


@needs_run_delay
def test_a_blocking_sleep_on_the_loop_is_a_call_that_waited() -> None:
    timeline = run(RunSpec(pattern="blocking_call", tasks=2, sleep_s=0.3))
    spans = timeline.spans
    held = spans.is_blocking & (spans.job == 0)
    assert spans.cause[held].tolist() == [Cause.CALL]
    assert [hold.where for hold in holds(timeline)] == ["`time.sleep(0.3)`"]


@bounds_memory
def test_a_run_that_ended_without_memory_shows_what_ran_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ODD_JOB", "grow")
    monkeypatch.setenv("LOOPSCOPE_LIMIT_MEMORY_MB", "500")
    spec = RunSpec(pattern="blocking_call", tasks=2, sleep_s=5)
    with measuring(spec, odd=True) as (measurement, _child):
        assert measurement.ended.wait(LIMIT_S)
        assert isinstance(measurement.error, RunFailed)
        assert "500 MB" in str(measurement.error)
        timeline = measurement.timeline()
    assert timeline is not None
    last = dict(zip(timeline.spans.job.tolist(), timeline.spans.state.tolist(), strict=True))
    assert last == {0: State.RUNNING, 1: State.READY}


@bounds_memory
def test_memory_taken_in_a_call_that_no_thread_interrupts_is_noticed_from_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ODD_JOB", "grow_in_one_call")
    monkeypatch.setenv("LOOPSCOPE_LIMIT_MEMORY_MB", "500")
    spec = RunSpec(pattern="blocking_call", tasks=2, sleep_s=5)
    with measuring(spec, odd=True) as (measurement, child):
        assert measurement.ended.wait(LIMIT_S)
        assert isinstance(measurement.error, RunFailed)
        assert measurement.error.kind == "MemoryError"
        assert not child.is_alive


@bounds_memory
def test_a_run_whose_worker_meets_the_limit_of_memory_ends_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ODD_JOB", "grow_by_small_objects")
    monkeypatch.setenv("LOOPSCOPE_LIMIT_MEMORY_MB", "200")
    pool: dict[str, Any] = {"executor": "processes", "workers": 2}
    spec = RunSpec(pattern="run_in_executor", tasks=2, sleep_s=5, **pool)
    with measuring(spec, odd=True) as (measurement, _child):
        assert measurement.ended.wait(LIMIT_S)
        assert isinstance(measurement.error, RunFailed)
        assert str(measurement.error).endswith("MemoryError: a run may use 200 MB on this server")
