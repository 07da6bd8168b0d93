"""Where the Dask scheduler is: a cluster of this machine, or the one that the environment names."""

import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from core.errors import Role, RunFailed, ServiceUnavailable, Stuck
from core.measuring.comparison import Comparison
from core.measuring.forking import Spares
from core.processes import KILLED, ROOT, children_of, kill, stand_still
from core.recording.dask_pool import RecordedDaskPool
from core.recording.marks import MarkedBlockingJob
from core.recording.recorder import Recorder
from core.services import Services
from core.services.dask import VARIABLE, Dask
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State
from tests.kit.clusters import closed_port, cluster_of
from tests.kit.laws import assert_laws
from tests.kit.needs import need_packages
from tests.kit.watching import assert_group_is_gone, group_members, wait_until

need_packages("distributed")
LIMIT_S = 40.0
STARTED_BY_ONE_WHO_IS_KILLED = """
import os
from core.processes import kill
from core.recording.dask_pool import RecordedDaskPool
from core.recording.recorder import Recorder
from core.services.dask import Dask
if __name__ == "__main__":
    dask = Dask()
    RecordedDaskPool(Recorder(), dask.address(), 1)
    print(dask.pid, flush=True)
    kill(os.getpid())
"""


@pytest.fixture(scope="module")
def dask() -> Iterator[Dask]:
    """Give a cluster of this machine that tests share."""
    dask = Dask()
    dask.address()
    yield dask
    pid = dask.pid
    dask.close()
    assert pid is not None
    assert_group_is_gone(pid)


@pytest.fixture
def spares() -> Iterator[Spares]:
    spares = Spares(0)
    yield spares
    spares.close()


def deadly(index: int) -> None:
    time.sleep(0.1)
    kill(os.getpid())


def patient(begun: Path, index: int) -> None:
    begun.touch()
    time.sleep(3600)


def test_a_cluster_is_started_once_and_grows_as_runs_ask_for_workers(dask: Dask) -> None:
    address = dask.address()
    for workers in (1, 2, 1):
        recorder = Recorder()
        with RecordedDaskPool(recorder, dask.address(), workers) as pool:
            assert pool.submit(MarkedBlockingJob(abs_of, recorder), 3).result(LIMIT_S) == 3
        assert len(recorder.lane_labels) == workers
    assert dask.address() == address


def abs_of(index: int) -> int:
    return abs(index)


def listening(dask: Dask) -> set[tuple[str, int]]:
    """Return the addresses and ports on which a cluster listens."""
    return {
        (each.laddr.ip, each.laddr.port)
        for member in group_members(dask.pid or 0)
        for each in psutil.Process(int(member.split()[0])).net_connections("inet")
        if each.status == psutil.CONN_LISTEN
    }


def test_nobody_from_outside_can_connect(dask: Dask) -> None:
    dask.address()
    assert {address for address, _port in listening(dask)} == {"127.0.0.1"}


def test_no_port_is_open_but_those_that_scheduler_nannies_and_workers_need(dask: Dask) -> None:
    with RecordedDaskPool(Recorder(), dask.address(), 2) as pool:
        info = pool._client.scheduler_info()
        workers = info["workers"]
        needed = {dask.address(), *workers, *(each["nanny"] for each in workers.values())}
        assert {port for _address, port in listening(dask)} == {
            urlsplit(each).port for each in needed
        }
        assert info["services"] == {}


def test_a_job_that_kills_its_workers_is_tried_as_often_as_dask_does(dask: Dask) -> None:
    recorder = Recorder()
    with RecordedDaskPool(recorder, dask.address(), 2) as pool:
        with pytest.raises(Exception, match="all those workers died while running it"):
            pool.submit(MarkedBlockingJob(deadly, recorder), 0).result(LIMIT_S)
        assert pool.submit(MarkedBlockingJob(abs_of, recorder), 1).result(LIMIT_S) == 1
    assert recorder.errors[0].kind == "KilledWorker"
    assert len(recorder.lane_labels) >= 4


def test_workers_left_busy_by_a_run_that_was_killed_are_there_for_the_next(
    dask: Dask, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    code = f"""
import os, time
from functools import partial
from pathlib import Path
from core.processes import kill
from core.recording.dask_pool import RecordedDaskPool
from core.recording.marks import MarkedBlockingJob
from core.recording.recorder import Recorder
from tests.core.services.test_dask import patient
recorder = Recorder()
pool = RecordedDaskPool(recorder, {dask.address()!r}, 1)
pool.submit(MarkedBlockingJob(partial(patient, Path({str(begun)!r})), recorder), 0)
while not Path({str(begun)!r}).exists():
    time.sleep(0.01)
kill(os.getpid())
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=LIMIT_S)
    recorder = Recorder()
    with RecordedDaskPool(recorder, dask.address(), 2) as pool:
        futures = [pool.submit(MarkedBlockingJob(abs_of, recorder), n) for n in range(4)]
        assert [future.result(LIMIT_S) for future in futures] == [0, 1, 2, 3]


def test_a_cluster_that_died_is_started_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # who is killed leaves a folder
    dask = Dask()
    first, pid = dask.address(), dask.pid or 0
    kill(pid)
    wait_until(lambda: dask.address() != first or dask.pid != pid)
    assert dask.pid != pid
    dask.close()


def test_a_cluster_that_stands_still_is_named_and_started_anew() -> None:
    dask = Dask()
    try:
        dask.address()
        pid = dask.pid
        assert pid is not None
        stand_still(pid)
        wait_until(lambda: dask.stuck() == [Stuck(Role.SCHEDULER, pid)])
        dask.address()
        assert dask.pid != pid
        assert_group_is_gone(pid)
    finally:
        dask.close()
    assert not dask._scratch.exists()


def test_a_worker_that_stands_still_is_named_and_replaced(dask: Dask) -> None:
    recorder = Recorder()
    with RecordedDaskPool(recorder, dask.address(), 1) as pool:
        worker = pool.submit(os.getpid).result(LIMIT_S)
    stand_still(worker)
    wait_until(lambda: dask.stuck() == [Stuck(Role.DASK_WORKER, worker)])
    recorder = Recorder()
    with RecordedDaskPool(recorder, dask.address(), 1) as pool:
        assert pool.submit(MarkedBlockingJob(abs_of, recorder), 3).result(LIMIT_S) == 3
    assert worker not in children_of(dask.pid or 0)
    assert dask.stuck() == []


def test_closing_ends_a_worker_that_stands_still() -> None:
    dask = Dask()
    recorder = Recorder()
    with RecordedDaskPool(recorder, dask.address(), 1) as pool:
        worker = pool.submit(os.getpid).result(LIMIT_S)
    pid = dask.pid
    assert pid is not None
    stand_still(worker)
    dask.close()
    assert_group_is_gone(pid)
    assert not dask._scratch.exists()


def test_a_named_scheduler_that_says_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.services.dask.CONNECT_LIMIT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv(VARIABLE, address)
        with pytest.raises(ServiceUnavailable) as refusal:
            Dask().address()
    assert str(refusal.value) == (
        f"the Dask scheduler {address} cannot be used: timed out; "
        f"start it, or unset {VARIABLE} to use this machine"
    )


def test_a_cluster_does_not_outlive_who_started_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTED_BY_ONE_WHO_IS_KILLED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == KILLED, done.stderr
    assert_group_is_gone(int(done.stdout))


def test_a_named_scheduler_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"tcp://127.0.0.1:{closed_port()}"
    monkeypatch.setenv(VARIABLE, address)
    with pytest.raises(ServiceUnavailable) as refusal:
        Dask().address()
    assert str(refusal.value) == (
        f"the Dask scheduler {address} cannot be used: "
        f"[Errno {errno.ECONNREFUSED}] Connection refused; "
        f"start it, or unset {VARIABLE} to use this machine"
    )


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:many", "nonsense", "http://[::1"])
def test_an_address_that_is_none_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, address)
    with pytest.raises(ServiceUnavailable, match="start it, or unset"):
        Dask().address()


def test_a_machine_without_dask_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "distributed.py").write_text("raise ImportError('no Dask here')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ServiceUnavailable, match="no Dask here; install what requirements"):
        Dask().address()


@pytest.mark.real
def test_a_named_scheduler_with_two_workers_serves_a_run_and_its_loss_ends_one(
    tmp_path: Path, spares: Spares, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = partial(RunSpec, pattern="run_in_executor", executor="dask", workers=2)
    with cluster_of(tmp_path, 2) as cluster:
        monkeypatch.setenv(VARIABLE, cluster.address)
        served = Comparison([run(tasks=4, sleep_s=0.05)], spares, Services())
        assert served.ended.wait(LIMIT_S)
        cut_off = Comparison([run(tasks=2, sleep_s=30)], spares, Services())
        wait_until(lambda: has_begun(cut_off), LIMIT_S)
        cluster.scheduler.kill()
        assert cut_off.ended.wait(LIMIT_S)
    (timeline,) = [each.timeline() for each in served.measurements]
    assert timeline is not None
    assert_laws(timeline, jobs=4)
    assert timeline.startup_ns > 0
    labels = [label.partition(" on ")[0] for label in timeline.lane_labels.values()]
    assert labels == sorted(cluster.workers)
    (timeline,) = [each.timeline() for each in cut_off.measurements]
    assert timeline is not None
    assert timeline.error is not None
    assert timeline.error.kind == "SchedulerLost"


def has_begun(comparison: Comparison) -> bool:
    """Return whether a worker has taken a job of a run by now."""
    timeline = comparison.measurements[0].timeline()
    return timeline is not None and bool((timeline.spans.state == State.WORKING).any())


@pytest.mark.real
def test_a_cluster_that_is_unfit_is_told_as_the_runs_error(
    tmp_path: Path, spares: Spares, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cluster_of(tmp_path, 1, threads=2) as cluster:
        monkeypatch.setenv(VARIABLE, cluster.address)
        spec = RunSpec(pattern="run_in_executor", tasks=1, sleep_s=0, executor="dask", workers=1)
        comparison = Comparison([spec], spares, Services())
        assert comparison.ended.wait(LIMIT_S)
    (error,) = [each.error for each in comparison.measurements]
    assert isinstance(error, RunFailed)
    assert "ClusterUnfit: 1 Dask workers are asked for" in str(error)
