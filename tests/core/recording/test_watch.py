"""The watch, which names the line that holds the loop."""

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from core.patterns import PATTERNS
from core.recording.events import NOBODY, Kind
from core.recording.recorder import Recorder
from core.recording.sites import ROOT
from core.recording.watch import LOOK_AFTER_NS, StepWatch, frame_of
from core.timeline.timeline import State
from tests.kit.laws import assert_laws
from tests.kit.virtual import Ran, VirtualClock, run_virtually, site_of

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
