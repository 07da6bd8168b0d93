"""What has not ended: the step under way, and who could run if it let them."""

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.measuring.program import carry_out
from core.pattern import Pattern
from core.patterns import PATTERNS
from core.recording.events import NOBODY, Kind
from core.recording.recorder import Recorder
from core.recording.sites import ROOT
from core.recording.watch import LOOK_AFTER_NS, REST, StepWatch, frame_of
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import State, Timeline
from tests.kit.laws import assert_laws
from tests.kit.virtual import (
    MS,
    Ran,
    VirtualClock,
    loop_on,
    pattern_of,
    run_virtually,
    site_of,
    states,
    table,
)

SPEC = RunSpec(pattern="gather", tasks=1, sleep_s=0)


class Stopped:
    """A run on a virtual clock that looks at itself from inside of a step, as at a stop."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.recorder = Recorder(clock=self.clock)
        self.watch = StepWatch(self.recorder)
        self.timeline: Timeline | None = None
        self.events = b""

    def hold(self, ms: int = 100) -> None:
        """Hold the loop, and stop the run while it is held."""
        self.clock.move(ms * MS)
        self.stop()

    def stop(self) -> None:
        """Keep the timeline that the parent would have if the run were ended now."""
        parcel = self.recorder.take()
        self.events += parcel.events
        self.under_way = self.watch.snapshot(last=True)
        now_ns = self.clock()
        self.recording = Recording(
            events=self.events,
            started_ns=0,
            returned_ns=now_ns,
            finished=False,
            heard_ns=now_ns,
            under_way=self.under_way,
            sites=tuple(parcel.sites + self.recorder.take().sites),
        )
        self.timeline = assemble(SPEC, self.recording)

    def run(
        self,
        pattern: Pattern,
        job: Callable[[int], Any],
        count: int,
        *,
        jobs: int | None = None,
        **extras: Any,
    ) -> Timeline:
        """Return the view of the stop; `jobs` is how many had been created by then."""
        recorder, make_loop = self.recorder, loop_on(self.clock)
        carry_out(pattern, job, count, recorder=recorder, extras=extras, make_loop=make_loop)
        assert self.timeline is not None
        assert_laws(self.timeline, jobs=count if jobs is None else jobs)
        return self.timeline


def last_states(timeline: Timeline, count: int) -> list[State]:
    return [states(timeline, job)[-1] for job in range(count)]


def seconds(timeline: Timeline, job: int, state: State) -> float:
    """Return for how long a job was last in a state, to the hundredth of a second."""
    spans = timeline.spans
    lasted = spans.duration_ns[(spans.job == job) & (spans.state == state)]
    return round(int(lasted[-1]) / 1e9, 2)


def test_a_job_that_holds_the_loop_is_running_and_tasks_not_begun_are_ready() -> None:
    stopped = Stopped()

    async def job(index: int) -> None:
        if index == 1:
            stopped.hold(300)
        await asyncio.sleep(10)

    timeline = stopped.run(PATTERNS["gather"], job, 4)
    assert last_states(timeline, 4) == [
        *(State.WAITING, State.RUNNING),
        *(State.READY, State.READY),
    ]
    assert seconds(timeline, 1, State.RUNNING) == seconds(timeline, 2, State.READY) == 0.3
    assert timeline.jobs.outcome == ("lost",) * 4


def test_a_blocking_job_of_the_loop_is_running_and_the_others_are_ready() -> None:
    stopped = Stopped()

    async def job(index: int) -> None:
        await asyncio.sleep(10)

    def block(index: int) -> None:
        if stopped.timeline is None:
            stopped.hold()

    timeline = stopped.run(PATTERNS["blocking_call"], job, 4, jobs=3, blocking_job=block)
    assert {job: states(timeline, job)[-1] for job in timeline.jobs.number.tolist()} == {
        0: State.RUNNING,
        1: State.READY,
        3: State.READY,
    }


def test_the_step_under_way_is_the_loops_too_and_names_its_line() -> None:
    stopped = Stopped()

    async def job(index: int) -> None:
        stopped.hold(50)

    timeline = stopped.run(PATTERNS["gather"], job, 1)
    assert int(timeline.steps.end_ns[-1]) == timeline.wall_ns
    assert timeline.goes_on.tolist() == [False] * (len(timeline.steps) - 1) + [True]
    site = int(timeline.steps.site[-1])
    assert timeline.site_name(site) == site_of(Stopped.stop, "self.watch.snapshot")
    assert site in timeline.spans.site.tolist()


def test_a_job_whose_timer_is_due_is_ready_since_then_and_the_others_wait() -> None:
    stopped = Stopped()

    async def job(index: int) -> None:
        await asyncio.sleep((0.2, 0.25, 0.5)[index])
        if index == 0:
            stopped.hold(100)

    timeline = stopped.run(PATTERNS["gather"], job, 3)
    assert last_states(timeline, 3) == [State.RUNNING, State.READY, State.WAITING]
    assert seconds(timeline, 1, State.READY) == 0.05


def test_a_job_whose_executor_has_answered_is_ready_and_one_that_is_woken_names_its_waker() -> None:
    stopped = Stopped()
    suspended, answered = threading.Event(), threading.Event()
    woken = asyncio.Event()

    def answer() -> None:
        suspended.wait(10)  # since Python 3.14 nobody waits for what is done already
        answered.set()

    async def job(index: int) -> None:
        loop = asyncio.get_running_loop()
        if index == 0:
            await loop.run_in_executor(None, answer)
        elif index == 1:
            await woken.wait()
        else:
            await asyncio.sleep(0)
            woken.set()
            suspended.set()
            answered.wait(10)
            with loop._default_executor:  # type: ignore[attr-defined]
                stopped.hold()

    timeline = stopped.run(PATTERNS["gather"], job, 3)
    assert last_states(timeline, 3) == [State.READY, State.READY, State.RUNNING]
    wakers = [int(timeline.spans.waker[timeline.spans.job == job][-1]) for job in (0, 1)]
    assert wakers == [NOBODY, 2]


@pytest.mark.parametrize("delay_s", [None, 0.1])
def test_a_callback_of_nobodys_keeps_the_loop_busy(delay_s: float | None) -> None:
    stopped = Stopped()

    async def pattern(job: object, count: int) -> None:
        loop = asyncio.get_running_loop()
        if delay_s is None:
            loop.call_soon(stopped.hold, 70)
        else:
            loop.call_later(delay_s, stopped.hold, 70)
        await asyncio.sleep(1)

    timeline = stopped.run(pattern_of(pattern), asyncio.sleep, 1, jobs=0)
    assert round(int((timeline.steps.end_ns - timeline.steps.start_ns)[-1]) / MS) == 70
    assert timeline.goes_on[-1]


def test_what_a_later_row_tells_counts_instead_of_the_snapshot() -> None:
    stopped = Stopped()

    async def job(index: int) -> None:
        if index == 0:
            stopped.hold()
        await asyncio.sleep(0.1)

    stopped.run(PATTERNS["gather"], job, 2)
    later = stopped.recorder.take().events
    recording = replace(
        stopped.recording,
        events=stopped.events + later,
        returned_ns=stopped.clock(),
    )
    timeline = assemble(SPEC, recording)
    assert timeline.jobs.outcome == ("ok", "ok")
    assert not timeline.goes_on.any()
    assert_laws(timeline, jobs=2)


def test_a_step_of_a_job_that_is_not_known_yet_is_nobodys() -> None:
    stopped = Stopped()

    async def job(index: int) -> None:
        stopped.hold()

    stopped.run(PATTERNS["gather"], job, 1)
    timeline = assemble(SPEC, replace(stopped.recording, events=b""))
    assert (len(timeline.jobs), len(timeline.spans)) == (0, 0)
    assert timeline.goes_on.tolist() == [True]


@pytest.mark.parametrize(
    ("held_ms", "state", "until_ms"), [(1, State.WAITING, 1), (100, State.RUNNING, 2100)]
)
def test_in_silence_only_a_step_that_had_lasted_goes_on(
    held_ms: int, state: State, until_ms: int
) -> None:
    stopped = Stopped()

    async def job(index: int) -> None:
        stopped.hold(held_ms)

    stopped.run(PATTERNS["gather"], job, 1)
    returned_ns = stopped.recording.heard_ns + 2_000 * MS
    timeline = assemble(SPEC, replace(stopped.recording, returned_ns=returned_ns))
    assert int(timeline.jobs.ended_ns[0]) // MS == until_ms
    assert timeline.silent_ns // MS == returned_ns // MS - until_ms


def test_a_short_silence_is_none() -> None:
    stopped = Stopped()

    async def job(index: int) -> None:
        stopped.hold(1)

    stopped.run(PATTERNS["gather"], job, 1)
    returned_ns = stopped.recording.heard_ns + 400 * MS
    timeline = assemble(SPEC, replace(stopped.recording, returned_ns=returned_ns))
    assert (timeline.silent_ns, int(timeline.jobs.ended_ns[0])) == (0, returned_ns)


def test_who_could_run_is_gathered_only_of_a_step_that_lasts_and_after_some_rest() -> None:
    stopped = Stopped()
    kinds = []

    async def job(index: int) -> None:
        if index:
            return
        watch, clock = stopped.watch, stopped.clock
        for pause_ns in (0, LOOK_AFTER_NS, 0, REST * 100):
            clock.move(pause_ns)
            rows = table(watch.snapshot())
            kinds.append((rows[:, 0] & 0xFF).tolist())
            asyncio.get_running_loop().call_soon(len, "")
        stopped.stop()

    stopped.run(PATTERNS["gather"], job, 3)
    step, ready = int(Kind.STEP), int(Kind.READY)
    assert kinds == [[step], [step, ready, ready], [step, ready, ready], [step, ready, ready]]


def test_a_loop_that_waits_has_nothing_under_way() -> None:
    clock = VirtualClock()
    recorder = Recorder(clock=clock)
    run_virtually(PATTERNS["gather"], asyncio.sleep, 1, clock=clock, recorder=recorder)
    assert StepWatch(recorder).snapshot(last=True) == b""


@pytest.mark.parametrize(("most", "kinds"), [(4, 5), (3, 1)])
def test_who_could_run_is_not_gathered_of_a_loop_with_more_callbacks_than_asked_for(
    most: int, kinds: int
) -> None:
    stopped = Stopped()
    seen: list[int] = []

    async def job(index: int) -> None:
        if index == 0:
            stopped.clock.move(100 * MS)
            rows = table(stopped.watch.snapshot(last=True, most=most))
            seen.append(int(np.isin(rows[:, 0] & 255, [Kind.STEP, Kind.MORE, Kind.READY]).sum()))
            stopped.stop()
        await asyncio.sleep(1)

    stopped.run(PATTERNS["gather"], job, 5)
    assert seen == [kinds]


LOOKS_WHILE_A_COLLECTION_IS_DUE = """
import gc, threading
from core.recording.watch import frame_of

garbage = threading.local()
garbage.itself = garbage
del garbage
gc.set_threshold(1)
print(frame_of(threading.get_ident()).f_code.co_name)
"""

Look = Callable[[], None]


def run_looking(hold: Callable[[Look, VirtualClock, int], None], jobs: int = 1) -> Ran:
    """Run jobs that call a function, with what makes the watch look, and then wait for 0.1 s."""
    clock = VirtualClock()
    recorder = Recorder(clock=clock)
    watch = StepWatch(recorder)

    async def job(index: int) -> None:
        hold(watch.look, clock, index)
        await asyncio.sleep(0.1)

    ran = run_virtually(PATTERNS["gather"], job, jobs, clock=clock, recorder=recorder)
    assert_laws(ran.timeline, jobs=jobs)
    return ran


def seen(ran: Ran) -> list[tuple[int, str | None]]:
    """Return what was seen to hold the loop: each job and the line."""
    rows = ran.rows[ran.rows[:, 0] == Kind.HELD]
    return [(job, ran.timeline.site_name(detail >> 8)) for job, detail in rows[:, [1, 5]].tolist()]


def held_for(look: Look, clock: VirtualClock, by_ns: int) -> None:
    clock.move(by_ns)
    look()


def test_the_line_that_a_step_is_at_is_noted_once_it_has_held_the_loop_for_long() -> None:
    def hold(look: Look, clock: VirtualClock, index: int) -> None:
        held_for(look, clock, LOOK_AFTER_NS * index)

    assert seen(run_looking(hold, jobs=2)) == [(1, site_of(held_for, "look()"))]


def test_another_thread_sees_the_innermost_line_of_the_program() -> None:
    def hold(look: Look, clock: VirtualClock, index: int) -> None:
        clock.move(LOOK_AFTER_NS)
        watching = threading.Thread(target=look)
        watching.start()
        watching.join()

    ((job, line),) = seen(run_looking(hold))
    assert job == 0
    assert line in {site_of(hold, "start()"), site_of(hold, "join()")}


def test_the_span_and_the_step_name_the_line() -> None:
    def hold(look: Look, clock: VirtualClock, index: int) -> None:
        held_for(look, clock, 20_000_000)

    timeline = run_looking(hold).timeline
    (blocking,) = timeline.spans.site[timeline.spans.is_blocking]
    assert timeline.site_name(int(blocking)) == site_of(held_for, "look()")
    assert int(blocking) in timeline.steps.site.tolist()
    assert (timeline.spans.state[timeline.spans.is_blocking] == State.RUNNING).all()


def test_a_step_that_nobody_does_is_seen_too() -> None:
    clock = VirtualClock()
    recorder = Recorder(clock=clock)
    watch = StepWatch(recorder)

    async def pattern(job: object, count: int) -> None:
        held_for(watch.look, clock, LOOK_AFTER_NS)

    ran = run_virtually(pattern, asyncio.sleep, 1, clock=clock, recorder=recorder)
    assert seen(ran) == [(NOBODY, site_of(held_for, "look()"))]


def test_nothing_is_noted_before_the_loop_and_after_it() -> None:
    clock = VirtualClock()
    recorder = Recorder(clock=clock)
    watch = StepWatch(recorder)
    held_for(watch.look, clock, LOOK_AFTER_NS)
    run_virtually(PATTERNS["gather"], asyncio.sleep, 1, clock=clock, recorder=recorder)
    held_for(watch.look, clock, LOOK_AFTER_NS)
    assert recorder.take().events == b""


@pytest.mark.parametrize("looks", [1, 3])
def test_each_look_is_a_row_and_a_line_has_one_number(looks: int) -> None:
    def hold(look: Look, clock: VirtualClock, index: int) -> None:
        for _ in range(looks):
            held_for(look, clock, LOOK_AFTER_NS)

    ran = run_looking(hold)
    assert seen(ran) == [(0, site_of(held_for, "look()"))] * looks
    assert len(set(ran.timeline.sites)) == len(ran.timeline.sites)


def test_a_collection_that_is_due_does_not_hold_up_the_watch_for_ever() -> None:
    command = [sys.executable, "-c", LOOKS_WHILE_A_COLLECTION_IS_DUE]
    looked = subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=20
    )
    assert looked.stdout == "frame_of\n"


@pytest.mark.parametrize("collects", [True, False])
def test_collections_are_as_the_program_has_them_after_a_look(collects: bool) -> None:
    (gc.enable if collects else gc.disable)()
    try:
        assert frame_of(threading.get_ident()) is not None
        assert gc.isenabled() == collects
    finally:
        gc.enable()


def test_a_thread_that_is_not_there_does_nothing() -> None:
    assert frame_of(-1) is None
