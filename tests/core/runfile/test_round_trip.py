"""Whatever a run can leave behind is written, read back equal, and shown in every way there is."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.mutants import ways
from core import runfile
from core.recording.events import BYTES_PER_EVENT
from core.recording.recorder import Recorder
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import State, Timeline
from tests.core.runfile.same import assert_same
from tests.core.spec.test_run_spec import valid_specs
from tests.kit.handmade import timeline
from tests.kit.lives import timelines
from tests.kit.programs import Program, Run, programs
from tests.kit.quiet import quiet
from tests.kit.virtual import Ran, VirtualClock, run_virtually

Job = Callable[[int], Coroutine[Any, Any, object]]
A_DAY_S = 24 * 3_600


def assert_comes_back(run: Timeline) -> None:
    (found,) = runfile.load(runfile.dump([run]))
    assert_same(found, run)


def assert_is_shown(runs: list[Timeline]) -> None:
    for show in ways().values():
        show(runs)


def cut(ran: Ran, rows: int, *, spec: RunSpec, no_time: bool = False) -> Timeline:
    """Return what was recorded of a run that was stopped, or met its limit, after so many rows."""
    kept = ran.rows[:rows]
    now_ns = max(ran.returned.started_ns, int(kept[:, 3:5].max(initial=0)))
    return assemble(
        spec,
        Recording(
            events=ran.parcel.events[: rows * BYTES_PER_EVENT],
            started_ns=ran.returned.started_ns,
            returned_ns=ran.returned.started_ns if no_time else now_ns,
            sites=tuple(ran.parcel.sites),
            log=tuple(ran.parcel.log),
            dropped_events=ran.parcel.dropped_events,
            finished=False,
        ),
    )


@given(programs(tidy=False), valid_specs, st.integers(0, 60), st.booleans(), st.data())
def test_a_run_that_ended_at_any_moment_or_dropped_any_event(
    program: Program, spec: RunSpec, most: int, no_time: bool, data: st.DataObject
) -> None:
    clock = VirtualClock()
    run = Run(program)
    recorder = Recorder(clock=clock, max_events=most)
    with quiet(run.forget):
        ran = run_virtually(run.pattern, run.workload, 1, clock=clock, recorder=recorder)
    rows = data.draw(st.integers(0, len(ran.rows)))
    assert_comes_back(cut(ran, rows, spec=spec, no_time=no_time))
    assert_comes_back(ran.timeline)


async def copies(job: Job, count: int) -> list[object]:
    """Call a job with one index time and again."""
    return list(await asyncio.gather(*(job(0) for _ in range(count))))


async def sleep(index: int) -> int:
    await asyncio.sleep(index + 1)
    return index


@pytest.mark.parametrize("rows", [0, 1, 5, 9, 14, 10_000])
def test_a_run_of_copies_of_one_job(rows: int) -> None:
    ran = run_virtually(copies, sleep, 4)
    spec = RunSpec(pattern="gather", tasks=2, sleep_s=1)
    run = cut(ran, rows, spec=spec)
    assert_comes_back(run)
    assert_is_shown([run])


@given(timelines())
@settings(max_examples=20)
def test_any_run_is_shown_in_every_way(run: Timeline) -> None:
    assert_is_shown([run])


@given(valid_specs)
@settings(max_examples=20)
def test_a_run_without_jobs_is_shown_whatever_its_settings(spec: RunSpec) -> None:
    run = replace(timeline(wall_ms=0), program=spec)
    assert_comes_back(run)
    assert_is_shown([run])


@pytest.mark.parametrize("wall_ms", [0, 7])
def test_a_run_that_would_ideally_take_more_than_a_day(wall_ms: int) -> None:
    spec = RunSpec(pattern="sequential", tasks=100_000, sleep_s=3_600)
    run = replace(timeline((0, State.RUNNING, 0, 5), wall_ms=wall_ms), program=spec)
    assert runfile.run_object(run)["ideal_ns"] > A_DAY_S * 10**9  # type: ignore[operator]
    assert_comes_back(run)
    assert_is_shown([run])


@pytest.mark.parametrize("walls_ms", [(0, 0), (0, 5), (5, 0), (5, 5)])
def test_runs_of_no_time_compare_with_others(walls_ms: tuple[int, int]) -> None:
    runs = [timeline((0, State.RUNNING, 0, 0), wall_ms=wall_ms) for wall_ms in walls_ms]
    runs = [replace(run, spans=_none(run)) for run in runs]
    for run in runs:
        assert_comes_back(run)
    assert_is_shown(runs)


def _none(run: Timeline) -> Any:
    columns = {name: getattr(run.spans, name)[:0] for name in type(run.spans).__slots__}
    return replace(run.spans, **columns)
