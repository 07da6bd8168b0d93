"""The sentences about what went wrong, from runs on the virtual clock."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.analysis.findings_text import findings_text
from core.jobs import Spread
from core.recording.events import NOBODY, Canceller, LaneKind, lane_code
from core.recording.recorder import JobError
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Cause, On, Outcome, State, Timeline
from tests.kit.handmade import timeline
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import run_virtually

FALLING = Spread.FALLING
SOON = r"[\d.]+ (ns|µs)"


def failing(pattern: str, **settings: Any) -> Timeline:
    chosen = {"failing": 3, "failing_after_s": 0.12} | settings
    return run_sleeping(pattern, 5, 0.2, FALLING, **chosen).timeline


def test_a_run_as_it_should_be_has_no_story() -> None:
    assert findings_text(run_sleeping("gather", 3, 0.2).timeline) == ""


def test_a_failure_in_a_group_says_who_was_cancelled_by_whom() -> None:
    shown = findings_text(failing("task_group"))
    assert re.fullmatch(
        r"Job 3 failed after 120 ms\. 2 jobs had already ended\. "
        rf"2 jobs were cancelled {SOON} later, because job 3 had failed\. "
        r"The pattern ended with ExceptionGroup: unhandled errors in a TaskGroup "
        r"\(1 sub-exception\)",
        shown,
    )


def test_a_failure_that_gather_raises_leaves_the_others_to_asyncio_run() -> None:
    assert findings_text(failing("gather")) == (
        "Job 3 failed after 120 ms. 2 jobs had already ended. "
        "2 jobs were cancelled by asyncio.run, after the pattern had returned. "
        "The pattern ended with RuntimeError: job 3 went wrong"
    )


@pytest.mark.parametrize("pattern", ["gather_error", "gather_exceptions", "try_each"])
def test_a_failure_that_is_caught_lets_the_others_go_on(pattern: str) -> None:
    assert findings_text(failing(pattern)).startswith(
        "Job 3 failed after 120 ms. 2 jobs had already ended. 2 jobs still ran to completion."
    )


def test_one_job_is_spoken_of_in_the_singular() -> None:
    assert findings_text(failing("gather_error", failing=2, failing_after_s=0.18)).startswith(
        "Job 2 failed after 180 ms. 3 jobs had already ended. 1 job still ran to completion."
    )


def test_a_time_out_says_who_gave_up_and_when() -> None:
    run = run_sleeping("wait_for", 5, 0.2, FALLING, timeout_s=0.1).timeline
    assert findings_text(run) == "3 jobs were cancelled by the pattern after 100 ms."


@pytest.mark.filterwarnings("ignore:coroutine 'sleep' was never awaited")
def test_jobs_that_nobody_awaited_never_began() -> None:
    assert findings_text(run_sleeping("never_awaited", 2, 0.2).timeline) == "2 jobs never began."


def test_a_held_loop_names_the_line_and_the_jobs_that_it_kept_waiting() -> None:
    run = timeline(
        (0, State.RUNNING, 0, 30),
        (1, State.READY, 0, 30),
        (1, State.RUNNING, 30, 31),
        wall_ms=31,
        steps_ms=[(0, 30), (30, 31)],
    )
    seen = replace(run, sites=("code.py:7",), steps=replace(run.steps, site=np.array([1, 0])))
    late = "1 job was ready, and had to wait for the loop for 30.0 ms."
    assert findings_text(seen) == f"code.py:7 held the event loop for 30.0 ms. {late}"
    assert findings_text(run) == f"A step held the event loop for 30.0 ms. {late}"


def test_work_after_the_return_is_work_for_nobody() -> None:
    lanes = [lane_code(LaneKind.THREAD, 1)]
    run = timeline((0, State.WORKING, 0, 200), wall_ms=100, lanes=lanes)
    assert findings_text(run) == "1 job worked on for 100 ms after the pattern had returned."


def test_jobs_that_began_and_were_lost_differ_from_those_that_never_began() -> None:
    spans = (0, State.RUNNING, 0, 1), (1, State.WAITING, 0, 1)
    lost = timeline(*spans, wall_ms=1, outcomes=dict.fromkeys((0, 1), Outcome.LOST))
    assert findings_text(lost) == "1 job never began. 1 job began and never finished."


def test_a_stopped_run_says_what_had_not_ended_yet() -> None:
    spans = (0, State.RUNNING, 0, 1), (1, State.WAITING, 0, 1)
    lost = timeline(*spans, wall_ms=1, outcomes=dict.fromkeys((0, 1), Outcome.LOST))
    assert findings_text(replace(lost, finished=False)) == (
        "1 job had not begun. 1 job had begun and not finished."
    )


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        (
            "gather_results",
            "The results are in the order of the arguments, not in that of the jobs' ends.",
        ),
        ("as_completed", "The results are in the order in which the jobs ended: 5, 4, 3, 2, 1."),
    ],
)
def test_the_order_of_results_is_named_where_it_is_in_question(pattern: str, sentence: str) -> None:
    run = run_sleeping(pattern, 5, 0.2, FALLING).timeline
    asked = RunSpec(pattern=pattern, tasks=5, sleep_s=0.2, spread=FALLING)
    assert findings_text(replace(run, program=asked)) == sentence
    assert findings_text(replace(run, program=replace(asked, spread=Spread.EQUAL))) == ""


def test_warnings_of_slow_callbacks_are_counted() -> None:
    said = ("WARNING:asyncio:Executing <Handle f()> took 0.200 seconds",)
    assert findings_text(timeline(wall_ms=1, printed=said)) == "asyncio warned of 1 slow callback."


def test_the_servers_counts_and_the_pools_start_up_are_named() -> None:
    run = timeline(wall_ms=1)
    counted = replace(run, served={"requests": 1_000, "at most at once": 5})
    assert findings_text(counted) == "The server counted 1,000 requests, at most 5 at once."
    assert findings_text(replace(run, startup_ns=35_000_000)) == (
        "Starting the pool took 35.0 ms, which is not part of the wall time."
    )


def test_waits_for_a_connection_are_told_from_other_waits() -> None:
    spans = (0, State.WAITING, 0, 40), (1, State.WAITING, 0, 30), (1, State.WAITING, 30, 90)
    run = timeline(*spans, wall_ms=90)
    on = np.array([On.CONNECTION, On.CONNECTION, On.FUTURE])
    assert findings_text(replace(run, spans=replace(run.spans, on=on))) == (
        "2 jobs waited for a connection, for up to 40.0 ms."
    )


def test_start_method_clocks_and_second_attempts_are_told() -> None:
    run = timeline((0, State.WORKING, 0, 5), wall_ms=5, lanes=[lane_code(LaneKind.DASK, 1)])
    started = replace(run, startup_ns=35_000_000, start_method="fork", clock_uncertainty_ns=80_000)
    assert findings_text(started) == (
        "Starting the pool took 35.0 ms (fork), which is not part of the wall time. "
        "Workers on other hosts: their times may be off by up to 80.0 µs."
    )
    again = replace(run, jobs=replace(run.jobs, attempts=np.array([2])))
    assert findings_text(again) == "1 job was begun 2 times, because its worker was lost."


def test_jobs_that_clean_up_are_told_with_the_end_of_that() -> None:
    run = run_sleeping("timeout", 2, 0.2, workload="cleanup", timeout_s=0.1).timeline
    assert findings_text(run) == (
        "2 jobs were cancelled by the pattern after 100 ms. They took up to 50.0 ms to end."
    )


def test_jobs_that_swallow_their_cancellation_are_told_to_have_gone_on() -> None:
    run = run_sleeping("timeout", 5, 0.2, FALLING, workload="stubborn", timeout_s=0.1).timeline
    assert findings_text(run) == (
        "3 jobs were cancelled by the pattern after 100 ms. "
        "They ignored that, and the last one ended after 200 ms."
    )


def test_who_is_cancelled_again_in_its_clean_up_is_said_to_be() -> None:
    ran = run_sleeping("nested_timeouts", 5, 1, FALLING, workload="cleanup", timeout_s=0.3)
    assert findings_text(ran.timeline) == (
        "2 jobs failed (TimeoutError), the first after 400 ms. "
        "2 jobs were cancelled by their own time-outs, the first after 300 ms. "
        "2 were cancelled again before they had ended, the first after 480 ms. "
        "They took up to 180 ms to end."
    )


def test_errors_of_several_kinds_are_counted_each() -> None:
    async def job(index: int) -> None:
        raise (ValueError, KeyError, ValueError)[index]

    async def pattern(job: Callable[[int], Any], count: int) -> object:
        jobs = [job(index) for index in range(count)]
        return await asyncio.gather(*jobs, return_exceptions=True)

    text = findings_text(run_virtually(pattern, job, 3).timeline)
    assert text.startswith("3 jobs failed (2 × ValueError, 1 × KeyError), the first after ")


def test_jobs_that_are_cancelled_one_after_another_each_count_from_their_own_moment() -> None:
    async def pattern(job: Callable[[int], Any], count: int) -> Any:
        tasks = [asyncio.create_task(job(index)) for index in range(count)]
        for task in tasks:
            await asyncio.sleep(0.02)
            task.cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    async def sleeper(_index: int) -> None:
        await asyncio.sleep(1)

    async def cleaner(_index: int) -> None:
        try:
            await asyncio.sleep(1)
        finally:
            await asyncio.sleep(0.005)

    assert findings_text(run_virtually(pattern, sleeper, 3).timeline) == (
        "3 jobs were cancelled by the pattern, the first after 20.0 ms."
    )
    assert findings_text(run_virtually(pattern, cleaner, 3).timeline).endswith(
        "the first after 20.0 ms. They took up to 5.00 ms to end."
    )


def test_jobs_that_clean_up_still_say_whose_failure_cancelled_them() -> None:
    shown = findings_text(failing("task_group", workload="cleanup"))
    assert re.search(
        rf"2 jobs were cancelled {SOON} later, because job 3 had failed\. "
        r"They took up to 50\.0 ms to end\.",
        shown,
    )


def test_a_step_that_has_not_ended_held_the_loop_so_far() -> None:
    run = timeline(
        (0, State.RUNNING, 0, 600),
        (1, State.READY, 0, 600),
        wall_ms=600,
        steps_ms=[(0, 600)],
        finished=False,
        outcomes={0: Outcome.LOST, 1: Outcome.LOST},
    )
    assert findings_text(run).startswith(
        "A step has held the event loop for 600 ms so far. "
        "1 job was ready, and had to wait for the loop for 600 ms. 1 job had not begun."
    )


def test_a_run_that_could_say_nothing_before_it_was_ended_says_of_how_long_nothing_is_known() -> (
    None
):
    run = timeline((0, State.WAITING, 0, 100), wall_ms=2_100, finished=False)
    assert findings_text(replace(run, silent_ns=2_000_000_000)) == (
        "Nothing is known of the last 2.00 s: the process sent nothing, as happens while one call "
        "keeps the GIL."
    )


def test_a_recording_that_ended_early_says_why_and_calls_no_job_lost() -> None:
    run = timeline((0, State.WAITING, 0, 5), wall_ms=9, outcomes={0: Outcome.LOST})
    assert findings_text(replace(run, recording_failure="ValueError: no {room} (sites.py:7)")) == (
        "The recording ended early, as a part of the recorder failed (ValueError: no {room} "
        "(sites.py:7)); what came later is not known."
    )


@pytest.mark.parametrize(
    ("how", "by", "sentence"),
    [
        (Canceller.PATTERN, NOBODY, "1 job was cancelled by the pattern after 5.00 ms."),
        (Canceller.JOB, 1, "1 job was cancelled by job 2 after 5.00 ms."),
        (Canceller.JOB, 0, "1 job cancelled itself after 5.00 ms."),
        (Canceller.TIMEOUT, 0, "1 job was cancelled by its own time-out after 5.00 ms."),
        (Canceller.TIMEOUT, NOBODY, "1 job was cancelled by the pattern after 5.00 ms."),
        (Canceller.GROUP, 0, "1 job was cancelled by its own task group after 5.00 ms."),
        (Canceller.RUN, NOBODY, "1 job was cancelled by asyncio.run at its end, after 5.00 ms."),
        (Canceller.UNKNOWN, NOBODY, "1 job was cancelled after 5.00 ms; who did it is not known."),
    ],
)
def test_who_cancelled_is_told_as_it_was_recorded(how: Canceller, by: int, sentence: str) -> None:
    run = timeline(
        (0, State.WAITING, 0, 5),
        (1, State.WAITING, 0, 9),
        wall_ms=9,
        outcomes={0: Outcome.CANCELLED},
    )
    columns: dict[str, Any] = {
        "cancelled_ns": np.array([5_000_000, NOBODY]),
        "cancelled_how": np.array([how, Canceller.UNKNOWN]),
        "cancelled_by": np.array([by, NOBODY]),
    }
    assert findings_text(replace(run, jobs=replace(run.jobs, **columns))) == sentence


def test_a_job_that_fails_after_it_has_cancelled_another_is_not_said_to_have_failed_before() -> (
    None
):
    async def job(index: int) -> None:
        if index:
            await asyncio.sleep(9)
        async with asyncio.timeout(0.01):
            await tasks[1]

    async def pattern(job: Callable[[int], Any], count: int) -> None:
        tasks.extend(asyncio.create_task(job(index)) for index in range(count))
        await asyncio.wait(tasks)
        assert isinstance(tasks[0].exception(), TimeoutError)

    tasks: list[asyncio.Task[None]] = []
    shown = findings_text(run_virtually(pattern, job, 2).timeline)
    assert shown.startswith("Job 1 failed after 10.0 ms.")
    assert shown.endswith("1 job was cancelled by job 1 after 10.0 ms.")


def test_many_jobs_that_cancel_one_another_are_one_sentence() -> None:
    spans = [(job, State.WAITING, 0, 5) for job in range(4)]
    run = timeline(*spans, wall_ms=9, outcomes=dict.fromkeys(range(4), Outcome.CANCELLED))
    columns: dict[str, Any] = {
        "cancelled_ns": np.array([2_000_000, 3_000_000, 4_000_000, 5_000_000]),
        "cancelled_how": np.full(4, Canceller.JOB),
        "cancelled_by": np.array([1, 2, 3, 0]),
    }
    assert findings_text(replace(run, jobs=replace(run.jobs, **columns))) == (
        "4 jobs were cancelled by other jobs, the first after 2.00 ms. "
        "They took up to 3.00 ms to end."
    )


def long_step(cause: Cause, times: int = 1) -> Timeline:
    """Return a run whose loop was held for 30 ms, for a cause, once or several times."""
    steps_ms = [(place * 40, place * 40 + 30) for place in range(times)]
    run = timeline((0, State.WAITING, 0, 40 * times), wall_ms=40 * times, steps_ms=steps_ms)
    causes = np.full(times, cause)
    steps = replace(run.steps, cause=causes, cause_ns=np.full(times, 21_000_000))
    return replace(run, steps=steps)


@pytest.mark.parametrize(
    ("cause", "times", "shown"),
    [
        (Cause.NOT_KNOWN, 1, "A step held the event loop for 30.0 ms."),
        (Cause.CALCULATION, 1, "A step held the event loop for 30.0 ms."),
        (Cause.CALL, 2, "A step held the event loop 2 times, for up to 30.0 ms."),
        (
            Cause.GIL,
            1,
            "The loop's thread waited for the GIL, which other threads had, for 21.0 ms.",
        ),
        (
            Cause.GIL,
            2,
            (
                "The loop's thread waited for the GIL, which other threads had, 2 times, "
                "for up to 21.0 ms."
            ),
        ),
        (Cause.COLLECTION, 1, "A garbage collection held the event loop for 21.0 ms."),
        (
            Cause.COLLECTION,
            3,
            "Garbage collections held the event loop 3 times, for up to 21.0 ms.",
        ),
        (
            Cause.MACHINE,
            2,
            ("The machine had other work: threads of this run waited 42.0 ms for a processor."),
        ),
    ],
)
def test_a_line_is_named_only_where_it_is_to_blame(cause: Cause, times: int, shown: str) -> None:
    assert findings_text(long_step(cause, times)) == shown


@pytest.mark.parametrize(
    ("disturbed_ms", "lane", "said"),
    [
        (15, None, "For most of that time no step held the loop: the machine woke it late."),
        (0, None, "For most of that time no step held the loop; why it went on late is not known."),
        (
            0,
            lane_code(LaneKind.THREAD, 1),
            (
                "For most of that time no step held the loop: threads had the GIL, or the machine "
                "woke it late."
            ),
        ),
        (
            0,
            lane_code(LaneKind.PROCESS, 1),
            "For most of that time no step held the loop; why it went on late is not known.",
        ),
    ],
)
def test_why_a_free_loop_went_on_late_is_said_as_far_as_it_is_known(
    disturbed_ms: int, lane: int | None, said: str
) -> None:
    spans = [(0, State.READY, 0, 20), (1, State.WORKING, 0, 25)][: 1 if lane is None else 2]
    lanes = [0, lane or 0][: len(spans)]
    run = timeline(*spans, wall_ms=1_000, lanes=lanes)
    assert said in findings_text(replace(run, disturbed_ns=disturbed_ms * 1_000_000))


@pytest.mark.parametrize("name", ["{x}", "{count:>900000000}", "{0.__class__}", "%s", "{", "a} {"])
def test_what_a_service_counted_by_is_never_a_format(name: str) -> None:
    shown = findings_text(replace(timeline(wall_ms=1), served={name: 1_234, "requests": 5}))
    assert shown == f"The server counted 1,234 {name}, 5 requests."


def test_a_long_message_is_cut_where_it_is_told() -> None:
    error = JobError(kind="k" * 5_000, message="m" * 5_000)
    shown = findings_text(replace(timeline(wall_ms=1), error=error))
    assert len(shown) < 2_100
    assert "…: mmm" in shown
    assert shown.endswith("m…")
