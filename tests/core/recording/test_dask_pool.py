"""The recorded pool of Dask workers: what they take, do and print, and how they are lost."""

import os
import platform
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Plan
from core.processes import kill
from core.recording import dask_workers
from core.recording.dask_pool import RecordedDaskPool
from core.recording.errors import ClusterUnfit, SchedulerLost, WorkerLost
from core.recording.events import COLUMNS, Kind, lane_name
from core.recording.marks import MarkedBlockingJob
from core.recording.recorder import Parcel, Recorder
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import State, Timeline
from core.workloads.block import block
from tests.kit.clusters import OTHER_CLOCK, Cluster, closed_port, cluster_of
from tests.kit.laws import assert_laws
from tests.kit.needs import linux_only, need_packages
from tests.kit.virtual import states, table
from tests.kit.watching import wait_until

need_packages("distributed")
LIMIT_S = 30.0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give a cluster of two workers whose tests leave them alive."""
    with cluster_of(tmp_path_factory.mktemp("cluster"), 2) as cluster:
        yield cluster


def double(index: int) -> int:
    print("doubling", index)
    return 2 * index


def refuse(index: int) -> None:
    raise LookupError(index)


def vanish_after(seconds: float, index: int) -> None:
    time.sleep(seconds)
    kill(os.getpid())


def told_and_held_once(diary: Path, index: int) -> str:
    """Write down who does this; the first to do it never comes back."""
    if diary.exists():
        return "done"
    new = diary.with_suffix(".new")
    new.write_text(str(os.getpid()))
    new.rename(diary)
    time.sleep(3600)
    raise AssertionError


def wait_for_file(path: Path, index: int) -> None:
    while not path.exists():
        time.sleep(0.005)


class Watched(Recorder):
    """A recorder of which a test can see, while a run goes on, that a worker took a job."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = Parcel()

    def kinds(self) -> list[int]:
        """Return the kinds of all rows so far, in order."""
        parcel = self.take()
        self.kept.events += parcel.events
        self.kept.log += parcel.log
        return [int(kind) for kind in table(self.kept.events)[:, 0]]

    def timeline(self) -> Timeline:
        """Return what was recorded as a run that has ended."""
        self.kinds()
        spec = RunSpec(pattern="run_in_executor", tasks=1, sleep_s=0, executor="dask", workers=2)
        recording = Recording(events=self.kept.events, started_ns=0, returned_ns=self.clock())
        return assemble(spec, recording)


def test_workers_report_their_jobs_and_what_they_print(cluster: Cluster) -> None:
    recorder = Watched()
    with RecordedDaskPool(recorder, cluster.address, 2) as pool:
        marked = MarkedBlockingJob(double, recorder)
        futures = [pool.submit(marked, index) for index in range(4)]
        assert [future.result(LIMIT_S) for future in futures] == [0, 2, 4, 6]
        assert pool.submit(abs, -3).result(LIMIT_S) == 3
    kinds = recorder.kinds()
    rows = table(recorder.kept.events)
    assert len(kinds) == 12
    for number in range(4):
        assert rows[rows[:, 1] == number, 0].tolist() == [Kind.CREATED, Kind.TAKEN, Kind.WORKED]
    assert recorder.results == {0: 0, 1: 2, 2: 4, 3: 6}
    assert sorted(line.text for line in recorder.kept.log) == [f"doubling {n}" for n in range(4)]
    timeline = recorder.timeline()
    assert_laws(timeline, jobs=4)
    assert set(timeline.worker_lanes) <= {"dask-1", "dask-2"}


def test_lanes_bear_the_addresses_and_hosts_of_workers(cluster: Cluster) -> None:
    recorder = Recorder()
    with RecordedDaskPool(recorder, cluster.address, 2):
        labels = {lane_name(lane): label for lane, label in recorder.lane_labels.items()}
    addresses = sorted(cluster.workers)
    host = platform.node()
    assert labels == {f"dask-{n}": f"{at} on {host}" for n, at in enumerate(addresses, 1)}
    assert recorder.clock_uncertainty_ns == 0


def test_workers_do_the_projects_jobs_without_having_the_project(cluster: Cluster) -> None:
    recorder = Watched()
    job = MarkedBlockingJob(partial(block, Plan(longest_s=0.01, count=1)), recorder)
    with RecordedDaskPool(recorder, cluster.address, 2) as pool:
        with pytest.raises(ModuleNotFoundError):
            pool.submit(exec, "import core").result(LIMIT_S)
        assert pool.submit(job, 0).result(LIMIT_S) == "job 1"
    recorder.kinds()
    assert [line.text.partition(" ")[2] for line in recorder.kept.log] == ["job 1"]


def test_a_failure_in_a_worker_keeps_its_type_and_message(cluster: Cluster) -> None:
    recorder = Watched()
    with RecordedDaskPool(recorder, cluster.address, 2) as pool, pytest.raises(LookupError):
        pool.submit(MarkedBlockingJob(refuse, recorder), 5).result(LIMIT_S)
    assert recorder.errors[5].as_dict() == {"type": "LookupError", "message": "5"}
    assert recorder.kinds() == [Kind.CREATED, Kind.TAKEN, Kind.WORKED]


def known_tasks(dask_worker: Any) -> int:
    return len(dask_worker.state.tasks)


def tasks_of_workers(pool: RecordedDaskPool) -> int:
    """Return how many tasks the workers know of, queued or under way."""
    return sum(pool._client.run(dask_workers.ByValue(known_tasks)).values())


def test_a_queued_job_that_is_cancelled_ends_without_having_been_taken(
    cluster: Cluster, tmp_path: Path
) -> None:
    recorder = Watched()
    free = tmp_path / "free"
    with RecordedDaskPool(recorder, cluster.address, 1) as pool:
        held = pool.submit(MarkedBlockingJob(partial(wait_for_file, free), recorder), 0)
        wait_until(lambda: Kind.TAKEN in recorder.kinds())
        queued = pool.submit(MarkedBlockingJob(double, recorder), 1)
        wait_until(lambda: sum(map(len, pool._client.processing().values())) == 2)
        wait_until(lambda: tasks_of_workers(pool) == 2)
        assert queued.cancel()
        # by the workers' own word: the scheduler drops a task before its worker hears of that
        wait_until(lambda: tasks_of_workers(pool) == 1)
        free.touch()
        held.result(LIMIT_S)
    rows = table(recorder.kept.events + recorder.take().events)
    assert rows[rows[:, 1] == 1, 0].tolist() == [Kind.CREATED, Kind.ENDED]


def test_a_killed_worker_ends_its_attempt_and_the_job_is_queued_again(tmp_path: Path) -> None:
    recorder, diary = Watched(), tmp_path / "diary"
    with cluster_of(tmp_path, 1) as cluster:
        with RecordedDaskPool(recorder, cluster.address, 1) as pool:
            job = MarkedBlockingJob(partial(told_and_held_once, diary), recorder)
            future = pool.submit(job, 0)
            wait_until(lambda: Kind.TAKEN in recorder.kinds() and diary.exists())
            killed_ns = recorder.clock()
            kill(int(diary.read_text()))
            wait_until(lambda: Kind.WORKER_LOST in recorder.kinds())
            assert states(recorder.timeline(), 0)[-2:] == [State.WORKING, State.QUEUED]
            came_ns = recorder.clock()
            cluster.start_workers(1)
            assert future.result(LIMIT_S) == "done"
        assert recorder.kinds() == [
            *(Kind.CREATED, Kind.TAKEN, Kind.WORKER_LOST),
            *(Kind.TAKEN, Kind.WORKED),
        ]
    timeline = recorder.timeline()
    assert_laws(timeline, jobs=1)
    assert timeline.jobs.attempts.tolist() == [2]
    assert states(timeline, 0) == [State.QUEUED, State.WORKING] * 2
    spans = timeline.spans
    assert [lane_name(int(lane)) for lane in spans.lane[[1, 3]]] == ["dask-1", "dask-2"]
    assert killed_ns <= spans.end_ns[1] <= came_ns <= spans.end_ns[2]


def test_a_job_that_kills_its_workers_fails_as_dask_gives_it_up(tmp_path: Path) -> None:
    recorder = Watched()
    settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with (
        cluster_of(tmp_path, 3, settings=settings) as cluster,
        RecordedDaskPool(recorder, cluster.address, 3) as pool,
    ):
        deadly = MarkedBlockingJob(partial(vanish_after, 0.1), recorder)
        with pytest.raises(Exception, match="all those workers died while running it"):
            pool.submit(deadly, 0).result(LIMIT_S)
        assert pool.submit(MarkedBlockingJob(double, recorder), 1).result(LIMIT_S) == 2
    assert recorder.errors[0].kind == "KilledWorker"
    timeline = recorder.timeline()
    assert timeline.jobs.attempts.tolist() == [2, 1]
    assert states(timeline, 0)[:4] == [State.QUEUED, State.WORKING] * 2


def test_a_run_that_loses_all_of_its_workers_fails(tmp_path: Path) -> None:
    recorder = Watched()
    with (
        cluster_of(tmp_path, 2) as cluster,
        RecordedDaskPool(recorder, cluster.address, 1) as pool,
    ):
        deadly = pool.submit(MarkedBlockingJob(partial(vanish_after, 0.1), recorder), 0)
        waiting = pool.submit(MarkedBlockingJob(double, recorder), 1)
        for future in (deadly, waiting):
            with pytest.raises(WorkerLost, match=f"the last was {min(cluster.workers)}"):
                future.result(LIMIT_S)
    assert [recorder.errors[number].kind for number in (0, 1)] == ["WorkerLost"] * 2
    timeline = recorder.timeline()
    assert timeline.worker_lanes == ("dask-1",)
    assert states(timeline, 0) == [State.QUEUED, State.WORKING, State.QUEUED]


def test_a_scheduler_killed_in_the_middle_ends_the_jobs(tmp_path: Path) -> None:
    recorder = Watched()
    with (
        cluster_of(tmp_path, 1) as cluster,
        RecordedDaskPool(recorder, cluster.address, 1) as pool,
    ):
        job = MarkedBlockingJob(partial(wait_for_file, tmp_path / "never"), recorder)
        future = pool.submit(job, 0)
        wait_until(lambda: Kind.TAKEN in recorder.kinds())
        cluster.scheduler.kill()
        with pytest.raises(SchedulerLost, match=cluster.address):
            future.result(LIMIT_S)
        with pytest.raises(SchedulerLost):
            pool.submit(job, 1)
    assert recorder.errors[0].kind == "SchedulerLost"
    assert recorder.kinds() == [Kind.CREATED, Kind.TAKEN, Kind.ENDED]


def test_too_few_workers_are_told_in_time(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_workers, "WORKERS_LIMIT_S", 0.3)
    with pytest.raises(ClusterUnfit, match=r"3 Dask workers .* the scheduler has 2"):
        RecordedDaskPool(Recorder(), cluster.address, 3)


def test_workers_of_several_threads_are_refused(tmp_path: Path) -> None:
    with (
        cluster_of(tmp_path, 1, threads=2) as cluster,
        pytest.raises(ClusterUnfit, match="of 1 the scheduler has 0 with one thread"),
    ):
        RecordedDaskPool(Recorder(), cluster.address, 1)


def test_a_scheduler_that_does_not_answer_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_workers, "CONNECT_LIMIT_S", 0.5)
    address = f"tcp://127.0.0.1:{closed_port()}"
    with pytest.raises(ClusterUnfit, match=f"no Dask scheduler answers at {address}"):
        RecordedDaskPool(Recorder(), address, 1)


@linux_only("programs with a clock of their own, by a namespace of time")
def test_times_of_another_clock_are_shifted_to_ours(tmp_path: Path) -> None:
    allowed = subprocess.run([*OTHER_CLOCK, "true"], capture_output=True, check=False)
    if allowed.returncode:
        pytest.skip("clocks of one's own are not allowed here")
    recorder = Watched()
    with cluster_of(tmp_path, 0) as cluster:
        cluster.start_workers(1, under=OTHER_CLOCK)
        with RecordedDaskPool(recorder, cluster.address, 1) as pool:
            before_ns = recorder.clock()
            pool.submit(MarkedBlockingJob(double, recorder), 0).result(LIMIT_S)
            after_ns = recorder.clock()
    assert recorder.kinds() == [Kind.CREATED, Kind.TAKEN, Kind.WORKED]
    worked = dict(zip(COLUMNS, table(recorder.kept.events)[2].tolist(), strict=True))
    may_be_off_ns = recorder.clock_uncertainty_ns
    assert 0 < may_be_off_ns < 1e9
    assert before_ns - may_be_off_ns <= worked["start_ns"] <= worked["end_ns"]
    assert worked["end_ns"] <= after_ns + may_be_off_ns
    (line,) = recorder.kept.log
    assert before_ns - may_be_off_ns <= line.at_ns <= after_ns + may_be_off_ns
