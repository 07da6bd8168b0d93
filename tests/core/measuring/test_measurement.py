"""One run under way, as its owner sees it."""

import threading
from pathlib import Path

import pytest

from core.errors import ChildLost, FramesGarbled, ProcessStuck, Role, RunFailed, RunStopped, Stuck
from core.measuring import measurement as measurement_module
from core.measuring.measurement import Measurement
from core.measuring.process import ChildProcess
from core.processes import stand_still
from core.spec.run_spec import RunSpec
from tests.kit.laws import assert_laws
from tests.kit.needs import posix_only
from tests.kit.watching import (
    LIMIT_S,
    assert_group_is_gone,
    group_members,
    measuring,
    wait_until,
)


def test_a_run_that_has_no_child_yet_has_nothing_to_show() -> None:
    measurement = Measurement(RunSpec(pattern="gather", tasks=1, sleep_s=0))
    assert measurement.timeline() is None
    assert not measurement.started
    measurement.go()
    assert not measurement.prepared.is_set()


def test_the_first_reason_to_end_stays() -> None:
    measurement = Measurement(RunSpec(pattern="gather", tasks=1, sleep_s=0))
    measurement.end_early(RunFailed("OSError", "first"))
    measurement.stop()
    assert isinstance(measurement.error, RunFailed)
    assert measurement.prepared.is_set()
    assert measurement.ended.is_set()


def test_a_stopped_run_without_a_child_says_so() -> None:
    measurement = Measurement(RunSpec(pattern="gather", tasks=1, sleep_s=0))
    measurement.stop()
    assert isinstance(measurement.error, RunStopped)


@pytest.mark.real
def test_a_run_is_seen_to_grow_and_its_end_is_kept() -> None:
    spec = RunSpec(pattern="sequential", tasks=8, sleep_s=0.05)
    with measuring(spec) as (measurement, _child):
        seen: list[int] = []

        def has_some_jobs() -> bool:
            timeline = measurement.timeline()
            if timeline is not None and not timeline.finished:
                assert_laws(timeline)
                seen.append(len(timeline.jobs))
            return bool(seen) and seen[-1] >= 2

        wait_until(has_some_jobs)
        assert measurement.started
        assert measurement.ended.wait(LIMIT_S)
        assert seen == sorted(seen)
        last = measurement.timeline()
        assert last is not None
        assert measurement.timeline() is last
    assert len(last.jobs) == 8
    assert last.finished


@pytest.mark.real
def test_a_pool_is_started_before_the_clock_and_the_time_it_took_is_told() -> None:
    spec = RunSpec(pattern="run_in_executor", tasks=1, sleep_s=0, executor="processes", workers=2)
    with measuring(spec) as (measurement, _child):
        assert measurement.ended.wait(LIMIT_S)
        timeline = measurement.timeline()
    assert timeline is not None
    assert timeline.startup_ns > 0
    assert timeline.worker_lanes in {("process-1",), ("process-2",)}


LONG = RunSpec(pattern="gather", tasks=3, sleep_s=30)
LONG_BLOCKING = RunSpec(pattern="blocking_loop", tasks=1, sleep_s=30)
LONG_POOL = RunSpec(pattern="run_in_executor", tasks=3, sleep_s=30, executor="processes", workers=2)


@pytest.fixture
def short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurement_module, "time_limit_s", lambda _spec: 1.5)


@pytest.mark.real
@pytest.mark.usefixtures("short_limit")
def test_a_child_that_stands_still_is_named_at_the_deadline() -> None:
    with measuring(LONG) as (measurement, child):
        wait_until(lambda: measurement.started)
        stand_still(child.pid)
        assert measurement.ended.wait(LIMIT_S)
        assert isinstance(measurement.error, ProcessStuck)
        assert measurement.error.stuck == Stuck(Role.CHILD, child.pid)


@pytest.mark.real
@pytest.mark.usefixtures("short_limit")
def test_a_child_that_stands_still_within_a_frame_is_named_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ODD_JOB", "stop_within_a_frame")
    with measuring(LONG_BLOCKING, odd=True) as (measurement, child):
        assert measurement.ended.wait(LIMIT_S)
        assert isinstance(measurement.error, ProcessStuck)
        assert measurement.error.stuck == Stuck(Role.CHILD, child.pid)


@pytest.mark.real
@pytest.mark.parametrize("job", ["too_long_a_frame", "texts_without_keys"])
def test_a_child_that_sends_what_is_no_recording_is_ended(
    job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODD_JOB", job)
    with measuring(LONG_BLOCKING, odd=True) as (measurement, _child):
        assert measurement.ended.wait(LIMIT_S)
        assert isinstance(measurement.error, FramesGarbled)
        assert measurement.timeline() is not None


@posix_only("a fork that holds a pipe open")
@pytest.mark.real
def test_a_child_that_dies_within_a_frame_has_ended_though_its_pipe_is_held_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    held_open = tmp_path / "held open"
    held_open.touch()
    monkeypatch.setenv("ODD_JOB", "die_within_a_frame")
    monkeypatch.setenv("ODD_COPY_LIVES_WITH", str(held_open))
    with measuring(LONG_BLOCKING, odd=True) as (measurement, _child):
        ended = measurement.ended.wait(LIMIT_S)
        held_open.unlink()
        assert ended
        assert isinstance(measurement.error, ChildLost)


@pytest.mark.real
@pytest.mark.usefixtures("short_limit")
def test_a_process_of_a_pool_that_stands_still_is_named_at_the_deadline() -> None:
    with measuring(LONG_POOL) as (measurement, child):
        wait_until(lambda: measurement.started)
        worker = next(pid for pid in group(child.pid) if pid != child.pid)
        stand_still(worker)
        assert measurement.ended.wait(LIMIT_S)
        assert isinstance(measurement.error, ProcessStuck)
        assert measurement.error.stuck == Stuck(Role.POOL, worker)


@pytest.mark.real
@pytest.mark.usefixtures("short_limit")
def test_a_service_that_stands_still_is_named_at_the_deadline() -> None:
    child, measurement = ChildProcess(), Measurement(LONG)
    server = Stuck(Role.HTTP, 42)
    measurement.begin(child, stuck_services=lambda: [server])
    assert measurement.prepared.wait(LIMIT_S)
    measurement.go()
    assert measurement.ended.wait(LIMIT_S)
    assert isinstance(measurement.error, ProcessStuck)
    assert measurement.error.stuck == server


@pytest.mark.real
def test_a_run_that_is_not_prepared_in_time_gets_no_more_time_by_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measurement_module, "PREPARE_LIMIT_S", 0.5)
    child = ChildProcess()
    stand_still(child.pid)
    measurement = Measurement(LONG)
    measurement.begin(child)
    measurement.go()
    assert measurement.ended.wait(LIMIT_S)
    assert isinstance(measurement.error, ProcessStuck)
    assert measurement.error.limit_s == 0.5
    assert_group_is_gone(child.pid)


@pytest.mark.real
def test_a_run_whose_thread_cannot_be_started_has_ended_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    child, measurement = ChildProcess(), Measurement(LONG)

    def refuse(_thread: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        measurement.begin(child)
    assert measurement.prepared.is_set()
    assert measurement.ended.is_set()
    assert str(measurement.error) == (
        "the run could not be carried out: NoMoreThreads: the system starts no more threads or "
        "processes (can't start new thread): ask for fewer, or raise `ulimit -u` or the "
        "container's limit"
    )
    assert_group_is_gone(child.pid)


def group(leader: int) -> list[int]:
    """Return the processes of a group."""
    return [int(each.split()[0]) for each in group_members(leader)]
