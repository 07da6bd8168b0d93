"""Runs that end before their time: stopped, lost, or ended by the limit."""

import os
import subprocess
import sys
import time
from functools import partial

import pytest

from core.errors import ChildLost, RunStopped, TimeLimitReached
from core.measuring import measurement as measurement_module
from core.measuring.comparison import Comparison
from core.measuring.forking import Spares
from core.measuring.measurement import Measurement
from core.measuring.process import ChildProcess
from core.processes import ROOT, kill, kill_tree
from core.services import Services
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State, Timeline
from tests.kit.laws import assert_laws
from tests.kit.needs import needs_run_delay, posix_only
from tests.kit.watching import LIMIT_S, assert_group_is_gone, group_members, measuring, wait_until

pytestmark = pytest.mark.real
STOP_BOUND_S = 2.0

SPECS = {
    "sleep": RunSpec(pattern="gather", tasks=3, sleep_s=30),
    "blocked loop": RunSpec(pattern="blocking_loop", tasks=3, sleep_s=30),
    "threads": RunSpec(pattern="threads", tasks=3, sleep_s=30),
    "default pool": RunSpec(pattern="run_in_executor", tasks=3, sleep_s=30),
    "thread pool": RunSpec(
        pattern="run_in_executor", tasks=3, sleep_s=30, executor="threads", workers=2
    ),
    "process pool": RunSpec(
        pattern="run_in_executor", tasks=3, sleep_s=30, executor="processes", workers=2
    ),
}
PROCESSES = SPECS["process pool"]
every_kind = pytest.mark.parametrize("spec", SPECS.values(), ids=list(SPECS))


def stop_in_time(measurement: Measurement) -> None:
    """Stop a run; nothing of it may be alive soon after."""
    started_s = time.monotonic()
    measurement.stop()
    assert measurement.ended.wait(LIMIT_S)
    assert time.monotonic() - started_s < STOP_BOUND_S


def has_begun(measurement: Measurement) -> bool:
    """Tell whether a job is seen to run or work."""
    timeline = measurement.timeline()
    return timeline is not None and bool(
        ((timeline.spans.state == State.RUNNING) | (timeline.spans.state == State.WORKING)).any()
    )


@every_kind
def test_a_run_is_stopped_while_it_runs_and_keeps_what_it_recorded(spec: RunSpec) -> None:
    with measuring(spec) as (measurement, child):
        wait_until(lambda: has_begun(measurement))
        stop_in_time(measurement)
        assert_group_is_gone(child.pid)
        assert isinstance(measurement.error, RunStopped)
        timeline = measurement.timeline()
    assert timeline is not None
    assert not timeline.finished
    assert_laws(timeline)
    assert set(timeline.jobs.outcome) == {"lost"}


BLOCKED = RunSpec(pattern="blocking_call", tasks=4, sleep_s=30)


def states_now(measurement: Measurement) -> dict[int, State]:
    """Return the last state of each job that is known by now."""
    timeline = measurement.timeline()
    return {} if timeline is None else last_states(timeline)


def last_states(timeline: Timeline) -> dict[int, State]:
    """Return the last state of each job."""
    spans = timeline.spans
    pairs = zip(spans.job.tolist(), spans.state.tolist(), strict=True)
    return {job: State(state) for job, state in pairs}


AS_IT_IS = {0: State.RUNNING, 1: State.READY, 3: State.READY}


def test_while_a_job_holds_the_loop_it_is_seen_to_and_the_others_are_ready() -> None:
    with measuring(BLOCKED) as (measurement, _child):
        wait_until(lambda: states_now(measurement) == AS_IT_IS)
        live = measurement.timeline()
        stop_in_time(measurement)
        stopped = measurement.timeline()
    for timeline in (live, stopped):
        assert timeline is not None
        assert last_states(timeline) == AS_IT_IS
        assert timeline.goes_on.tolist()[-1]
        assert int(timeline.steps_of_run.end_ns[-1]) == timeline.end_ns
        assert_laws(timeline)
    assert stopped is not None
    assert "block.py" in str(stopped.site_name(int(stopped.steps.site[-1])))


@needs_run_delay
def test_a_run_that_is_stopped_knows_how_much_the_machine_has_disturbed_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ODD_JOB", "spin")
    spinning = [sys.executable, "-c", "while True: pass"]
    spinners = [subprocess.Popen(spinning) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        with measuring(BLOCKED, odd=True) as (measurement, _child):
            wait_until(lambda: states_now(measurement) == AS_IT_IS)
            time.sleep(0.3)  # several turns of the scheduler
            stop_in_time(measurement)
            timeline = measurement.timeline()
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait(LIMIT_S)
    assert timeline is not None
    assert (timeline.disturbed_ns or 0) > 0


def test_the_time_limit_shows_what_held_the_loop_until_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measurement_module, "time_limit_s", lambda _spec: 0.3)
    with measuring(BLOCKED) as (measurement, _child):
        assert measurement.ended.wait(LIMIT_S)
        assert isinstance(measurement.error, TimeLimitReached)
        assert states_now(measurement) == AS_IT_IS


def test_of_one_call_that_keeps_the_gil_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODD_JOB", "one_call")
    with measuring(BLOCKED, odd=True) as (measurement, _child):
        wait_until(lambda: is_silent(measurement))
        stop_in_time(measurement)
        timeline = measurement.timeline()
    assert timeline is not None
    assert timeline.silent_ns > 0
    assert timeline.jobs.ended_ns.max(initial=0) <= timeline.wall_ns - timeline.silent_ns
    assert not timeline.goes_on.any()


def is_silent(measurement: Measurement) -> bool:
    """Tell whether a run has not spoken for a while."""
    timeline = measurement.timeline()
    return timeline is not None and timeline.silent_ns > 0


def test_a_step_known_to_hold_the_loop_does_so_to_the_end_of_a_run_that_must_be_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ODD_JOB", "block_then_one_call")
    with measuring(BLOCKED, odd=True) as (measurement, _child):
        wait_until(lambda: states_now(measurement) == AS_IT_IS)
        time.sleep(1.0)  # well into the call of which the child can say nothing
        stop_in_time(measurement)
        timeline = measurement.timeline()
    assert timeline is not None
    assert last_states(timeline) == AS_IT_IS
    assert timeline.silent_ns == 0
    assert timeline.goes_on[-1]


@every_kind
def test_a_run_is_stopped_before_it_is_prepared(spec: RunSpec) -> None:
    with measuring(spec, go=False) as (measurement, _child):
        stop_in_time(measurement)
        assert measurement.timeline() is None


@every_kind
def test_a_run_is_stopped_when_it_is_prepared_but_not_begun(spec: RunSpec) -> None:
    with measuring(spec, go=False) as (measurement, _child):
        assert measurement.prepared.wait(LIMIT_S)
        stop_in_time(measurement)
        assert measurement.timeline() is None


def test_a_run_is_stopped_while_its_pool_starts_up() -> None:
    spec = RunSpec(
        pattern="run_in_executor", tasks=16, sleep_s=30, executor="processes", workers=16
    )
    for already_up in (2, 5, 9):
        with measuring(spec, go=False) as (measurement, child):
            wait_until(partial(has_members, child.pid, already_up))
            stop_in_time(measurement)
            assert not measurement.started


def has_members(group: int, count: int) -> bool:
    """Tell whether a process group has so many members by now."""
    return len(group_members(group)) >= count


def test_a_run_stopped_before_it_has_a_child_refuses_the_child() -> None:
    measurement = Measurement(SPECS["sleep"])
    measurement.stop()
    assert measurement.ended.is_set()
    child = ChildProcess()
    measurement.begin(child)
    assert not child.is_alive
    assert_group_is_gone(child.pid)


def test_stopping_twice_and_after_the_end_changes_nothing() -> None:
    with measuring(RunSpec(pattern="gather", tasks=2, sleep_s=0)) as (measurement, _child):
        assert measurement.ended.wait(LIMIT_S)
        measurement.stop()
        measurement.stop()
        assert measurement.error is None
        timeline = measurement.timeline()
    assert timeline is not None
    assert timeline.finished


@pytest.mark.parametrize("job", ["forever", "spin", "chatter"])
@pytest.mark.parametrize("executor", [None, "threads", "processes"])
def test_the_time_limit_ends_a_runaway(
    job: str, executor: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODD_JOB", job)
    monkeypatch.setattr(measurement_module, "time_limit_s", lambda _spec: 0.3)
    pattern = "run_in_executor" if executor else "blocking_loop"
    spec = RunSpec(pattern=pattern, tasks=2, sleep_s=0, executor=executor)
    with measuring(spec, odd=True) as (measurement, child):
        assert measurement.ended.wait(LIMIT_S)
        assert_group_is_gone(child.pid)
        assert isinstance(measurement.error, TimeLimitReached)
        assert str(measurement.error) == "the run was ended after 0.3 s, its time limit"
        timeline = measurement.timeline()
    assert timeline is not None
    assert_laws(timeline, jobs=1 if pattern == "blocking_loop" else 2)


def test_a_run_that_waits_for_its_turn_loses_no_time_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measurement_module, "PREPARE_LIMIT_S", 0.0)
    waiting = Measurement(RunSpec(pattern="gather", tasks=1, sleep_s=0))
    monkeypatch.undo()
    waiting.begin(ChildProcess())
    assert waiting.prepared.wait(LIMIT_S)
    waiting.go()
    assert waiting.ended.wait(LIMIT_S)
    assert waiting.error is None


@every_kind
def test_a_child_killed_from_outside_is_told_as_lost_and_the_next_run_works(
    spec: RunSpec,
) -> None:
    with measuring(spec) as (measurement, child):
        wait_until(lambda: has_begun(measurement))
        kill(child.pid)
        assert measurement.ended.wait(LIMIT_S)
        assert str(measurement.error) == (
            "the measuring process ended unexpectedly (signal 9); run again"
        )
        assert isinstance(measurement.error, ChildLost)
        timeline = measurement.timeline()
        assert timeline is not None
        assert_laws(timeline)
    with measuring(RunSpec(pattern="gather", tasks=2, sleep_s=0)) as (measurement, _child):
        assert measurement.ended.wait(LIMIT_S)
        assert measurement.error is None


def test_a_comparison_is_stopped_while_it_conducts() -> None:
    spares = Spares(0)
    comparison = Comparison([SPECS["sleep"], SPECS["threads"]], spares, Services())
    try:
        wait_until(lambda: all(map(has_begun, comparison.measurements)))
        started_s = time.monotonic()
        comparison.stop()
        assert comparison.ended.wait(LIMIT_S)
        assert time.monotonic() - started_s < STOP_BOUND_S
    finally:
        comparison.stop()
        spares.close()
    assert [type(each.error) for each in comparison.measurements] == [RunStopped, RunStopped]


PARENT = """
import sys, threading
from core.measuring.measurement import Measurement
from core.measuring.process import ChildProcess
from core.services import Services
from core.spec.run_spec import RunSpec
child = ChildProcess("tests.core.measuring.odd_child")
measurement = Measurement(RunSpec(pattern="run_in_executor", tasks=4, sleep_s=0,
                                  executor=sys.argv[1], workers=2))
print(child.pid, flush=True)
if sys.argv[2] != "warm":
    measurement.begin(child)
    measurement.prepared.wait()
if sys.argv[2] == "running":
    measurement.go()
    while measurement.timeline() is None or not len(measurement.timeline().spans):
        pass
print("there", flush=True)
threading.Event().wait()
"""


def orphan(executor: str, stage: str, odd_job: str, *, members: int = 1) -> int:
    """Kill a parent in some stage, once its child's group has so many members; return the group."""
    command = [sys.executable, "-c", PARENT, executor, stage]
    environment = {**os.environ, "ODD_JOB": odd_job}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        group = int(parent.stdout.readline())
        assert parent.stdout.readline() == "there\n"
        wait_until(partial(has_members, group, members))
        kill(parent.pid)
    return group


@pytest.fixture(params=["warm", "prepared", "running"])
def orphaned_group(request: pytest.FixtureRequest) -> int:
    """Kill a parent in three stages of a run and give the group of its child."""
    return orphan("processes", request.param, "spin")


@posix_only("groups of processes")
def test_a_child_whose_parent_is_gone_ends_the_programs_that_its_jobs_have_started() -> None:
    group = orphan("threads", "running", "start_a_program", members=3)
    try:
        wait_until(lambda: all(each.endswith(" Z") for each in group_members(group)))
    finally:
        kill_tree(group)


def test_a_child_whose_parent_is_gone_ends_itself_and_its_workers(orphaned_group: int) -> None:
    def none_alive() -> bool:
        return all(each.endswith(" Z") for each in group_members(orphaned_group))

    wait_until(none_alive)
    assert none_alive()
