"""From events to a timeline, also while the run goes on."""

import asyncio
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.patterns import PATTERNS
from core.recording.events import BYTES_PER_EVENT, NOBODY, WIDTH, Birth, Kind, LaneKind, Then
from core.recording.events import lane_code as code
from core.recording.pools import RecordedThreadPool
from core.recording.recorder import LogLine, Recorder
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import On, State, Timeline
from core.workloads.sleep import sleep
from tests.kit.laws import assert_laws
from tests.kit.programs import Program, Run, programs
from tests.kit.quiet import quiet
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import MS, VirtualClock, run_here, run_virtually, site_of, states, table

SPEC = RunSpec(pattern="gather", tasks=1, sleep_s=0)
THREAD = code(LaneKind.THREAD, 1)


def built(*rows: tuple[int, ...], started_ns: int = 0, returned_ns: int = 1000) -> Timeline:
    """Return the timeline of rows written by hand."""
    events = np.array(rows, dtype=np.int64).reshape(-1, WIDTH).tobytes()
    return assemble(SPEC, Recording(events=events, started_ns=started_ns, returned_ns=returned_ns))


def prefix(events: bytes, count: int, started_ns: int) -> Timeline:
    """Return the view of a run that has sent so many rows by now."""
    rows = table(events)[:count]
    now_ns = int(rows[:, 3:5].max()) if len(rows) else started_ns
    recording = Recording(
        events=events[: count * BYTES_PER_EVENT],
        started_ns=started_ns,
        returned_ns=now_ns,
        finished=False,
    )
    return assemble(SPEC, recording)


@given(programs(tidy=False), st.data())
def test_a_run_under_way_is_well_formed_after_any_row(
    program: Program, data: st.DataObject
) -> None:
    clock = VirtualClock()
    run = Run(program)
    with quiet(run.forget):
        ran = run_virtually(run.pattern, run.workload, 1, clock=clock)
    count = data.draw(st.integers(0, len(ran.rows)))
    timeline = prefix(ran.parcel.events, count, ran.returned.started_ns)
    assert_laws(timeline, jobs=int((ran.rows[:count, 0] == Kind.CREATED).sum()))


@pytest.mark.parametrize("name", ["run_in_executor", "threads"])
def test_a_run_of_threads_under_way_is_well_formed_after_any_row(name: str) -> None:
    together = threading.Barrier(2)
    recorder = Recorder()
    with RecordedThreadPool(recorder, max_workers=2) as pool:
        extras = {"executor": pool}
        ran = run_here(
            PATTERNS[name], lambda _: together.wait(10), 6, recorder=recorder, extras=extras
        )
    assert_laws(ran.timeline, jobs=6)
    for count in range(len(ran.rows) + 1):
        timeline = prefix(ran.parcel.events, count, ran.returned.started_ns)
        assert_laws(timeline, laws=(2, 3))


def test_a_job_without_an_end_is_lost_at_the_last_moment_known() -> None:
    timeline = built((Kind.CREATED, 0, 0, 10, 0, Birth.COROUTINE, NOBODY), returned_ns=70)
    assert timeline.jobs.outcome == ("lost",)
    assert states(timeline, 0) == [State.WAITING]
    assert timeline.jobs.ended_ns.tolist() == [70]


def test_a_job_that_a_worker_holds_is_working_until_now() -> None:
    timeline = built(
        (Kind.CREATED, 0, 0, 10, 0, Birth.POOL, NOBODY),
        (Kind.TAKEN, 0, 0, 30, 0, THREAD << 8, NOBODY),
        returned_ns=70,
    )
    assert states(timeline, 0) == [State.QUEUED, State.WORKING]
    assert timeline.spans.end_ns.tolist() == [30, 70]
    assert timeline.worker_lanes == ("thread-1",)


def test_a_second_attempt_is_counted_and_ends_the_first() -> None:
    timeline = built(
        (Kind.CREATED, 0, 0, 10, 0, Birth.POOL, NOBODY),
        (Kind.TAKEN, 0, 0, 20, 0, THREAD << 8, NOBODY),
        (Kind.TAKEN, 0, 0, 40, 0, THREAD << 8, NOBODY),
        (Kind.WORKED, 0, 5, 40, 60, THREAD << 8 | Then.OK, NOBODY),
    )
    assert timeline.jobs.attempts.tolist() == [2]
    assert states(timeline, 0) == [State.QUEUED, State.WORKING, State.WORKING]
    assert_laws(timeline, jobs=1)


LOST_AT = (
    (Kind.CREATED, 0, 0, 10, 0, Birth.POOL, NOBODY),
    (Kind.TAKEN, 0, 0, 20, 0, THREAD << 8, NOBODY),
    (Kind.WORKER_LOST, 0, 0, 40, 40, THREAD << 8, NOBODY),
)


def test_a_lost_worker_ends_its_attempt_and_the_job_is_queued_until_it_is_taken_again() -> None:
    other = code(LaneKind.THREAD, 2) << 8
    timeline = built(
        *LOST_AT,
        (Kind.TAKEN, 0, 0, 60, 0, other, NOBODY),
        (Kind.WORKED, 0, 5, 60, 65, other | Then.OK, NOBODY),
    )
    assert timeline.jobs.attempts.tolist() == [2]
    assert states(timeline, 0) == [State.QUEUED, State.WORKING] * 2
    assert timeline.spans.end_ns.tolist() == [20, 40, 60, 65]
    assert_laws(timeline, jobs=1)


@pytest.mark.parametrize(
    "rest",
    [(), ((Kind.ENDED, 0, 0, 0, 60, Then.FAILED, NOBODY),)],
    ids=["still queued", "given up"],
)
def test_a_job_whose_worker_is_lost_is_queued_until_its_end(rest: tuple[tuple[int, ...]]) -> None:
    timeline = built(*LOST_AT, *rest, returned_ns=60)
    assert timeline.jobs.attempts.tolist() == [1]
    assert states(timeline, 0) == [State.QUEUED, State.WORKING, State.QUEUED]
    assert timeline.spans.end_ns.tolist() == [20, 40, 60]
    assert_laws(timeline, jobs=1)


PIECES = (
    (Kind.CREATED, 0, 0, 10, 0, Birth.POOL, NOBODY),
    (Kind.TAKEN, 0, 0, 20, 0, THREAD << 8, NOBODY),
    (Kind.WORKED, 0, 5, 20, 30, THREAD << 8 | Then.CONNECTION, NOBODY),
    (Kind.TAKEN, 0, 0, 50, 0, THREAD << 8, NOBODY),
    (Kind.WORKED, 0, 6, 50, 60, THREAD << 8 | Then.OK, NOBODY),
)
WAITS_WITHIN = [State.QUEUED, State.WORKING, State.WAITING, State.WORKING]


@pytest.mark.parametrize("birth", [Birth.POOL, Birth.CALL])
def test_a_worker_that_waits_for_a_connection_does_not_work_meanwhile(birth: Birth) -> None:
    timeline = built((Kind.CREATED, 0, 0, 10, 0, birth, NOBODY), *PIECES[1:])
    first = State.QUEUED if birth is Birth.POOL else State.READY
    assert states(timeline, 0) == [first, *WAITS_WITHIN[1:]]
    assert timeline.spans.end_ns.tolist() == [20, 30, 50, 60]
    assert timeline.spans.on[timeline.spans.state == State.WAITING].tolist() == [On.CONNECTION]
    assert timeline.spans.cpu_ns[timeline.spans.state == State.WORKING].tolist() == [5, 6]
    assert timeline.jobs.attempts.tolist() == [1]
    assert_laws(timeline, jobs=1)


@pytest.mark.parametrize("known", range(2, 5))
def test_a_run_ended_while_a_worker_waits_for_a_connection_shows_the_wait(known: int) -> None:
    timeline = built(*PIECES[:known], returned_ns=70)
    assert states(timeline, 0) == WAITS_WITHIN[:known]
    assert timeline.jobs.attempts.tolist() == [1]
    assert_laws(timeline, jobs=1)


def test_a_worker_that_is_lost_while_it_waits_for_a_connection_waits_until_then() -> None:
    timeline = built(
        *PIECES[:3],
        (Kind.WORKER_LOST, 0, 0, 40, 40, THREAD << 8, NOBODY),
        *PIECES[3:],
    )
    assert states(timeline, 0) == [
        *(State.QUEUED, State.WORKING, State.WAITING),
        *(State.QUEUED, State.WORKING),
    ]
    assert timeline.spans.end_ns.tolist() == [20, 30, 40, 50, 60]
    assert timeline.jobs.attempts.tolist() == [2]
    assert_laws(timeline, jobs=1)


def test_another_worker_that_takes_a_job_after_such_a_wait_makes_a_second_attempt() -> None:
    other = code(LaneKind.THREAD, 2)
    timeline = built(*PIECES[:3], (Kind.WORKED, 0, 6, 50, 60, other << 8 | Then.OK, NOBODY))
    assert timeline.jobs.attempts.tolist() == [2]


def test_what_is_noticed_after_a_jobs_end_does_not_change_it() -> None:
    timeline = built(
        (Kind.CREATED, 0, 0, 10, 0, Birth.POOL, NOBODY),
        (Kind.WORKED, 0, 5, 40, 60, THREAD << 8 | Then.OK, NOBODY),
        (Kind.ENDED, 0, 0, 0, 90, Then.FAILED, NOBODY),
    )
    assert timeline.jobs.outcome == ("ok",)
    assert timeline.jobs.ended_ns.tolist() == [60]


def test_times_count_from_the_start_of_the_run() -> None:
    timeline = built(
        (Kind.CREATED, 0, 0, 1010, 0, Birth.COROUTINE, NOBODY),
        (Kind.STEP, 0, 1020, 1030, 1040, Then.OK, NOBODY),
        started_ns=1000,
        returned_ns=1100,
    )
    assert timeline.wall_ns == 100
    assert timeline.spans.start_ns.tolist() == [10, 20, 30]
    assert timeline.spans.end_ns.tolist() == [20, 30, 40]
    assert states(timeline, 0) == [State.WAITING, State.READY, State.RUNNING]
    assert timeline.steps.start_ns.tolist() == [30]


def held(site: int, at_ns: int) -> tuple[int, ...]:
    return (Kind.HELD, 0, 0, at_ns, at_ns, site << 8, NOBODY)


def test_the_line_seen_most_often_is_what_held_the_loop() -> None:
    timeline = built(
        (Kind.CREATED, 0, 0, 10, 0, Birth.COROUTINE, NOBODY),
        *(held(site, at_ns) for site, at_ns in ((1, 40), (2, 50), (2, 60))),
        (Kind.STEP, 0, 20, 30, 90, 3 << 8 | Then.OK, NOBODY),
    )
    assert timeline.spans.site[timeline.spans.state == State.RUNNING].tolist() == [2]
    assert timeline.steps.site.tolist() == [2]
    assert_laws(timeline, jobs=1)


def test_what_is_seen_after_the_end_of_a_step_or_before_any_is_not_counted() -> None:
    timeline = built(
        (Kind.CREATED, 0, 0, 10, 0, Birth.COROUTINE, NOBODY),
        held(1, 25),
        (Kind.STEP, 0, 20, 30, 40, Then.TIMER, NOBODY),
        held(2, 45),
        (Kind.STEP, 0, 50, 50, 60, Then.OK, NOBODY),
        held(2, 65),
    )
    assert timeline.spans.site[timeline.spans.state == State.RUNNING].tolist() == [0, 0]
    assert timeline.steps.site.tolist() == [0, 0]


def test_each_of_several_jobs_in_one_step_has_the_line_seen_in_its_own_piece() -> None:
    timeline = built(
        (Kind.CREATED, 0, 0, 10, 0, Birth.COROUTINE, NOBODY),
        (Kind.CREATED, 1, 0, 10, 0, Birth.CALL, NOBODY),
        (Kind.STEP, 0, 20, 30, 40, Then.JOB, NOBODY),
        held(1, 50),
        (Kind.MORE, 1, 30, 40, 60, Then.OK, NOBODY),
        held(2, 70),
        held(2, 80),
        (Kind.MORE, 0, 60, 60, 90, Then.OK, NOBODY),
    )
    running = timeline.spans.state == State.RUNNING
    assert timeline.spans.job[running].tolist() == [0, 0, 1]
    assert timeline.spans.site[running].tolist() == [0, 2, 1]
    assert timeline.steps.site.tolist() == [2]


def test_rows_that_are_not_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="reshape"):
        assemble(SPEC, Recording(events=b"\0" * 16, started_ns=0, returned_ns=1))


def test_a_run_of_nothing_yet_is_empty() -> None:
    timeline = built(returned_ns=5)
    assert (len(timeline.jobs), len(timeline.spans), len(timeline.steps)) == (0, 0, 0)
    assert timeline.worker_lanes == ()
    assert_laws(timeline, jobs=0)


def test_lines_of_the_transcript_are_in_the_order_of_their_times() -> None:
    lines = (LogLine(at_ns=30, text="later"), LogLine(at_ns=20, text="sooner"))
    timeline = assemble(SPEC, Recording(events=b"", started_ns=10, returned_ns=50, log=lines))
    assert [(line.at_ns, line.text) for line in timeline.log] == [(10, "sooner"), (20, "later")]


def test_a_hold_of_ten_milliseconds_is_blocking() -> None:
    clock = VirtualClock()

    async def hold(index: int) -> None:
        clock.now_ns += (index + 9) * MS
        await asyncio.sleep(0)

    timeline = run_virtually(PATTERNS["sequential"], hold, 2, clock=clock).timeline
    assert timeline.spans.job[timeline.spans.is_blocking].tolist() == [1]


def test_a_blocked_loop_makes_the_others_ready_for_as_long() -> None:
    clock = VirtualClock()

    async def job(index: int) -> None:
        await asyncio.sleep(0.1)
        if index == 0:
            clock.now_ns += 300 * MS

    timeline = run_virtually(PATTERNS["gather"], job, 2, clock=clock).timeline
    spans = timeline.spans
    late = spans.duration_ns[(spans.job == 1) & (spans.state == State.READY)].max()
    assert int(late) // MS == 300


@given(st.integers(1, 6))
def test_a_site_is_named_by_file_and_line(count: int) -> None:
    timeline = run_sleeping("gather", count).timeline
    waits = timeline.spans.site[timeline.spans.state == State.WAITING]
    assert {timeline.site_name(int(site)) for site in waits} == {
        None,
        site_of(sleep, "await"),
    }
