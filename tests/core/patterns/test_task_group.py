"""TaskGroup: all tasks at once, and a failure cancels the others before the group is left."""

import asyncio

from core.jobs import Spread
from core.patterns import PATTERNS
from core.recording.events import NOBODY
from core.timeline.timeline import State
from tests.kit.laws import assert_laws
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms, run_virtually, whole_ms


def test_five_sleeps_take_as_long_as_one() -> None:
    assert whole_ms(run_sleeping("task_group", 5, 0.2).timeline) == 200


def test_results_keep_the_order_of_the_tasks_though_the_last_ends_first() -> None:
    ran = run_sleeping("task_group", 3, 0.3, Spread.FALLING)
    assert ended_ms(ran.timeline) == [300, 200, 100]
    assert ran.returned.value == NAMES[3]


async def fails_second(index: int) -> int:
    await asyncio.sleep(0.1 * (index + 1))
    if index == 1:
        raise ValueError("job 2 has had enough")
    return index


def test_a_failure_cancels_the_others_before_the_pattern_comes_back() -> None:
    ran = run_virtually(PATTERNS["task_group"], fails_second, 3)
    assert_laws(ran.timeline, jobs=3)
    assert ran.timeline.jobs.outcome == ("ok", "failed", "cancelled")
    assert ran.timeline.jobs.ended_ns.max() <= ran.timeline.wall_ns
    assert ran.returned.error is not None
    assert ran.returned.error.kind == "ExceptionGroup"
    assert whole_ms(ran.timeline) == 200


def test_the_job_that_fails_is_what_wakes_the_others_to_be_cancelled() -> None:
    ran = run_sleeping("task_group", 3, failing=2)
    assert ran.timeline.jobs.outcome == ("cancelled", "failed", "cancelled")
    assert ended_ms(ran.timeline) == [100, 100, 100]
    spans = ran.timeline.spans
    for cancelled in (0, 2):
        ready = (spans.job == cancelled) & (spans.state == State.READY)
        assert spans.waker[ready].tolist() == [NOBODY, 1]


def test_jobs_that_clean_up_are_waited_for() -> None:
    ran = run_sleeping("task_group", 3, failing=2, workload="cleanup")
    assert ended_ms(ran.timeline) == [175, 125, 175]
    assert whole_ms(ran.timeline) == 175
