""

import re
from dataclasses import replace
from typing import Any

import pytest

from core.analysis.figures import figures_of
from core.analysis.side_by_side import jobs_text, run_name, run_names
from core.analysis.summary import explain, factor_text
from core.jobs import Spread
from core.patterns import PATTERNS
from core.recording.events import LaneKind, lane_code
from core.spec.limits import default_pool_size
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State, Timeline
from tests.kit.handmade import MS, Span, timeline
from tests.kit.sleeping import run_sleeping


def spec(pattern: str, tasks: int = 2, sleep_s: float = 0.2, **settings: Any) -> RunSpec:
    return RunSpec(pattern=pattern, tasks=tasks, sleep_s=sleep_s, **settings)


def sleeper(job: int, start_ms: int, end_ms: int) -> list[Span]:
    """Return a job that runs for a millisecond, waits, and runs for another."""
    return [
        (job, State.RUNNING, start_ms, start_ms + 1),
        (job, State.WAITING, start_ms + 1, end_ms - 1),
        (job, State.RUNNING, end_ms - 1, end_ms),
    ]


def one_after_another(pattern: str = "sequential") -> Timeline:
    spans = sleeper(0, 0, 201) + sleeper(1, 201, 402)
    steps = [(0, 1), (200, 202), (401, 402)]
    return timeline(*spans, wall_ms=402, spec=spec(pattern), steps_ms=steps)


def at_once(
    pattern: str = "gather",
    wall_ms: int = 202,
    *,
    outcomes: dict[int, Outcome] | None = None,
    **settings: Any,
) -> Timeline:
    spans = sleeper(0, 0, wall_ms) + sleeper(1, 1, wall_ms)
    return timeline(
        *spans,
        wall_ms=wall_ms,
        spec=spec(pattern, **settings),
        steps_ms=[(0, 2), (wall_ms - 2, wall_ms)],
        outcomes=outcomes,
    )


def test_a_run_without_an_ideal_is_held_against_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PATTERNS, "gather", replace(PATTERNS["gather"], has_ideal=False))
    assert explain([at_once()]).startswith(
        "2 jobs of 200 ms took 202 ms; up to 2 jobs were in flight. The event loop"
    )
    texts = {each.name: each.text for each in figures_of(at_once())}
    assert (texts["ideal"], texts["overhead"]) == ("—", "—")


def test_requests_that_were_refused_for_their_rate_come_first() -> None:
    runs = [
        replace(at_once(name, workload="http"), served=served)
        for name, served in (
            ("hammer", {"requests": 1_204, "refused": 1_202}),
            ("rate_limited", {"requests": 2, "refused": 0}),
        )
    ]
    assert explain(runs).startswith(
        "Requests that the server refused for their rate: 1,202 of 1,204 in hammer, "
        "0 of 2 in rate_limited. 2 jobs of 200 ms "
    )
    assert "refused" not in explain([runs[1], replace(runs[1], program=runs[0].program)])


def on_threads() -> Timeline:
    lanes = [lane_code(LaneKind.THREAD, number) for number in (1, 2)]
    spans = (0, State.WORKING, 1, 201), (1, State.WORKING, 2, 202)
    return timeline(*spans, wall_ms=203, spec=spec("threads"), lanes=lanes)


def test_nothing_measured_has_no_explanation() -> None:
    assert explain([]) == ""


def test_one_run_says_how_long_why_and_how_busy_the_loop_was() -> None:
    assert explain([at_once()]) == (
        "2 jobs of 200 ms took 202 ms; up to 2 jobs were in flight, so 200 ms would be "
        "ideal. The event loop was busy for 4.00 ms of that time."
    )


def test_one_run_of_jobs_one_after_another() -> None:
    assert explain([one_after_another()]) == (
        "2 jobs of 200 ms took 402 ms; one job at a time was in flight, so 400 ms would be "
        "ideal. The event loop was busy for 4.00 ms of that time."
    )


def test_one_job_is_spoken_of_in_the_singular() -> None:
    run = timeline(*sleeper(0, 0, 11), wall_ms=11, spec=spec("gather", 1, 0.01), steps_ms=[(0, 1)])
    assert explain([run]) == (
        "1 job of 10.0 ms took 11.0 ms; one job at a time was in flight, so 10.0 ms would be "
        "ideal. The event loop was busy for 1.00 ms of that time."
    )


def test_a_job_that_had_to_wait_for_the_loop_is_told() -> None:
    late = (0, State.WAITING, 0, 10), (0, State.READY, 10, 313), (0, State.RUNNING, 313, 314)
    run = timeline(*late, wall_ms=314, spec=spec("gather", 1, 0.01), steps_ms=[(10, 314)])
    assert explain([run]).endswith(
        " The event loop was busy for 304 ms of that time, and no job waited for it longer "
        "than 303 ms."
    )


def test_a_run_without_a_loop_says_so() -> None:
    assert explain([on_threads()]) == (
        "2 jobs of 200 ms took 203 ms; up to 2 jobs were in flight, so 200 ms would be "
        "ideal. There was no event loop."
    )


def test_several_runs_are_compared_with_the_first() -> None:
    assert explain([one_after_another(), at_once(), on_threads()]) == (
        "2 jobs of 200 ms: sequential took 402 ms, gather 202 ms (2× faster), "
        "threads 203 ms (2× faster). The number of jobs in flight makes the "
        "difference: 1 in sequential, 2 in gather, 2 in threads."
    )


def test_a_run_slower_than_the_baseline_is_called_slower() -> None:
    assert explain([at_once(), one_after_another()]) == (
        "2 jobs of 200 ms: gather took 202 ms, sequential 402 ms (2× slower). "
        "The number of jobs in flight makes the difference: 2 in gather, 1 in sequential."
    )


def test_runs_with_as_many_jobs_at_once_do_not_differ_by_that() -> None:
    assert explain([at_once(), at_once("create_task", 204)]) == (
        "2 jobs of 200 ms: gather took 202 ms, create_task 204 ms (about as fast). "
        "In each, up to 2 jobs were in flight."
    )
    assert explain([one_after_another(), one_after_another("blocking_loop")]).endswith(
        " In each, 1 job at most was in flight."
    )


def test_a_run_that_did_not_do_its_work_has_no_ideal_to_be_held_against() -> None:
    assert explain([at_once(outcomes={0: Outcome.FAILED})]) == (
        "2 jobs of 200 ms: the pattern took 202 ms and did not finish all of them. "
        "The event loop was busy for 4.00 ms of that time."
    )


def test_runs_are_not_compared_where_one_did_not_do_its_work() -> None:
    lost = at_once("create_task", 2, outcomes={1: Outcome.LOST})
    assert explain([at_once(), lost]) == (
        "Not all jobs ended well: 1 was lost in create_task. "
        "2 jobs of 200 ms: gather took 202 ms, create_task 2.00 ms."
    )


def test_how_jobs_ended_is_told_of_runs_with_the_same_ends_together() -> None:
    failed = at_once("gather_error", outcomes={0: Outcome.FAILED})
    group = at_once("task_group", outcomes={0: Outcome.FAILED, 1: Outcome.CANCELLED})
    tried = replace(failed, program=spec("try_each"))
    assert explain([failed, group, tried]).startswith(
        "Not all jobs ended well: 1 failed in each of gather_error, try_each; 1 failed, "
        "1 was cancelled in task_group. 2 jobs of 200 ms"
    )


def test_a_held_loop_is_the_cause_that_is_told_first() -> None:
    held = timeline(
        *((0, State.READY, 0, 1), (0, State.RUNNING, 1, 201)),
        *((1, State.READY, 0, 201), (1, State.RUNNING, 201, 202), (1, State.WAITING, 202, 402)),
        wall_ms=402,
        spec=spec("blocking_call", 2, 0.2),
        steps_ms=[(1, 201), (201, 202)],
    )
    first = (
        "The event loop was held: in blocking_call for up to 200 ms, and 1 job had to wait for up "
        "to 201 ms. 2 jobs of 200 ms: "
    )
    assert explain([held, at_once("to_thread", 203)]) == (
        f"{first}blocking_call took 402 ms, to_thread 203 ms (2× faster)."
    )
    assert explain([held, disturbed(at_once("to_thread", 203), 60)]) == (
        f"{first}blocking_call took 402 ms, to_thread 203 ms (disturbed)."
    )


def test_the_cost_of_debug_mode_is_the_ratio_of_median_steps() -> None:
    steps = [(0, 3), (10, 16), (20, 200)]
    debugging = replace(at_once("debug_mode"), steps=timeline(wall_ms=0, steps_ms=steps).steps)
    assert explain([at_once("blocking_call"), debugging]).endswith(
        " Debug mode made a step of the event loop 3 times longer: 6.00 ms at the median, "
        "instead of 2.00 ms."
    )


def test_a_run_of_nothing_is_explained_without_an_error() -> None:
    assert explain([timeline(wall_ms=0)]).startswith("1 job of 10.0 ms: the pattern took 0 ns ")
    empty = [timeline(wall_ms=5), timeline(wall_ms=0)]
    assert "gather took 5.00 ms" in explain(empty)


def test_jobs_that_sleep_less_and_less_are_described_by_the_longest() -> None:
    assert jobs_text(spec("gather", 5, spread=Spread.FALLING)) == "5 jobs of up to 200 ms"
    assert jobs_text(spec("gather", 1, spread=Spread.FALLING)) == "1 job of 200 ms"
    assert jobs_text(spec("gather", 10_000, 0.0015)) == "10,000 jobs of 1.50 ms"


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (1.0, "about as fast"),
        (1.04, "about as fast"),
        (0.97, "about as fast"),
        (1.06, "1.1× faster"),
        (0.9, "1.1× slower"),
        (4.96, "5× faster"),
        (0.2, "5× slower"),
        (49.4, "49× faster"),
        (99.4, "99× faster"),
        (99.6, "100× faster"),
        (149.7, "150× faster"),
        (0.005, "200× slower"),
        (1_234.5, "1,234× faster"),
    ],
)
def test_a_factor_is_told_in_words_and_never_in_powers_of_ten(factor: float, text: str) -> None:
    assert factor_text(factor) == text


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, f"run_in_executor (default pool of {default_pool_size()})"),
        ({"executor": "threads", "workers": 1}, "run_in_executor (1 thread)"),
        ({"executor": "threads", "workers": 3}, "run_in_executor (3 threads)"),
        ({"executor": "processes", "workers": 1}, "run_in_executor (1 process)"),
        ({"executor": "processes", "workers": 2}, "run_in_executor (2 processes)"),
        ({"executor": "dask", "workers": 2}, "run_in_executor (2 Dask workers)"),
    ],
)
def test_a_run_is_named_after_its_pattern_and_its_pool(settings: dict[str, Any], name: str) -> None:
    assert run_name(spec("run_in_executor", **settings)) == name


def test_a_run_without_a_pool_is_named_after_its_pattern() -> None:
    assert run_name(spec("gather")) == "gather"


def test_a_run_is_told_apart_by_an_unusual_job_a_limit_and_a_time_out() -> None:
    assert run_name(spec("gather", workload="stubborn")) == "gather (stubborn)"
    assert run_name(spec("semaphore", limit=1_000)) == "semaphore (at most 1,000 at once)"
    assert run_name(spec("timeout", workload="cleanup", timeout_s=0.05)) == (
        "timeout (cleanup, time-out 50.0 ms)"
    )


def test_runs_that_calculate_differ_by_the_processors_that_they_used() -> None:
    one = replace(at_once("gather", 200, workload="cpu"), cpu_ns=200_000_000)
    two = replace(
        at_once("run_in_executor", 100, workload="cpu", executor="processes", workers=2),
        cpu_ns=190_000_000,
    )
    assert explain([one, two]).endswith(
        " Processors in use, on average: 1.0 in gather, 1.9 in run_in_executor. "
        "Python 3.11.7 has the GIL: of its threads one calculates at a time."
    )
    free = replace(one, has_gil=False)
    assert explain([free, two]).endswith(
        "runs without the GIL: its threads calculate side by side."
    )


def test_runs_that_calculate_are_not_ranked_where_the_machine_gave_too_few_processors() -> None:
    """As on a quarter of a processor: what each run had is said, of what it could have used."""
    one = disturbed(replace(at_once("threads", 200, workload="cpu"), cpu_ns=50 * MS), 150)
    two = replace(
        at_once("run_in_executor", 100, workload="cpu", executor="processes", workers=1),
        cpu_ns=25 * MS,
    )
    short = (
        " The machine gave these calculations fewer processors than they could use: 0.25 of 1 to "
    )
    assert explain([one, two]) == (
        "2 jobs of 200 ms (calculation): threads took 200 ms (disturbed), "
        f"run_in_executor (1 process) 100 ms.{short}threads, "
        "0.25 of 1 to run_in_executor."
    )
    assert explain([one]).endswith(f"{short}threads (calculation).")


def test_what_all_runs_have_in_common_is_said_once() -> None:
    runs = [at_once(name, timeout_s=0.5) for name in ("timeout", "wait_for")]
    assert explain(runs).startswith(
        "2 jobs of 200 ms (time-out 500 ms): timeout took 202 ms, wait_for 202 ms"
    )
    specs = [spec("gather", workload="http"), spec("semaphore", workload="http", limit=2)]
    assert run_names(specs) == ["gather", "semaphore (at most 2 at once)"]
    assert run_names(specs[:1]) == ["gather (web server, 20 connections)"]


def test_more_jobs_at_once_are_not_said_to_help_where_they_did_not() -> None:
    assert explain([one_after_another(), at_once("gather", 500)]).endswith(
        " More jobs in flight did not make it faster: 1 in sequential, 2 in gather."
    )


def test_the_number_at_once_is_the_reason_only_where_all_runs_agree() -> None:
    runs = [at_once("gather", 390), at_once("create_task", 202), one_after_another()]
    assert explain(runs).endswith(
        " Peak in flight: 2 in gather, 2 in create_task, 1 in sequential."
    )


def test_jobs_whose_length_no_setting_says_are_only_counted() -> None:
    assert jobs_text(spec("gather", 3, workload="file")) == "3 jobs"
    assert explain([at_once("gather", workload="file")]) == (
        "2 jobs took 202 ms; up to 2 jobs were in flight. "
        "The event loop was busy for 4.00 ms of that time."
    )


def disturbed(run: Timeline, ms: int) -> Timeline:
    return replace(run, disturbed_ns=ms * MS)


def late(run: Timeline, first_ms: int) -> Timeline:
    """Return a run in which everything happens later, since its first job was created late."""
    by_ns = first_ms * MS
    return replace(
        run,
        wall_ns=run.wall_ns + by_ns,
        jobs=replace(
            run.jobs,
            created_ns=run.jobs.created_ns + by_ns,
            ended_ns=run.jobs.ended_ns + by_ns,
        ),
        spans=replace(
            run.spans, start_ns=run.spans.start_ns + by_ns, end_ns=run.spans.end_ns + by_ns
        ),
        steps=replace(
            run.steps, start_ns=run.steps.start_ns + by_ns, end_ns=run.steps.end_ns + by_ns
        ),
    )


def test_a_run_that_the_machine_disturbed_is_marked_and_compared_with_none() -> None:
    runs = [one_after_another(), disturbed(at_once(), 60), at_once("create_task")]
    assert explain(runs) == (
        "2 jobs of 200 ms: sequential took 402 ms, gather 202 ms (disturbed), "
        "create_task 202 ms (2× faster)."
    )


def test_where_the_first_run_is_disturbed_nothing_is_compared_with_it() -> None:
    runs = [disturbed(one_after_another(), 100), disturbed(at_once(), 60), at_once("create_task")]
    assert explain(runs) == (
        "2 jobs of 200 ms: sequential took 402 ms (disturbed), gather 202 ms (disturbed), "
        "create_task 202 ms."
    )


def test_a_first_job_that_was_created_late_is_told_and_no_conclusion_drawn() -> None:
    runs = [one_after_another(), late(at_once(), 93), on_threads()]
    assert explain(runs) == (
        "2 jobs of 200 ms: sequential took 402 ms, gather 295 ms (late start), "
        "threads 203 ms (2× faster)."
    )


def test_a_single_run_whose_first_job_came_late_says_so() -> None:
    assert explain([late(at_once(), 93)]).endswith(
        " The first job was created 93.0 ms after the start."
    )
    assert explain([disturbed(at_once(), 60)]).startswith(
        "2 jobs of 200 ms took 202 ms (disturbed for 60.0 ms); "
    )


def test_a_disturbance_too_short_to_show_changes_no_sentence() -> None:
    calm = [one_after_another(), at_once()]
    assert explain([disturbed(each, 9) for each in calm]) == explain(calm)
    assert explain([late(each, 9) for each in calm]).count("late") == 0


def test_runs_of_which_jobs_returned_something_else_lead_with_that() -> None:
    races = [of_pattern(pattern, 5) for pattern in ("lost_update", "with_lock")]
    assert explain(races).startswith(
        "The results differ: 1 from each job in lost_update; 1, 2, …, 5 in with_lock. "
        "5 jobs of 100 ms: "
    )
    streams = [of_pattern(pattern, 5) for pattern in ("undrained", "drained")]
    told = r"The results differ: 0.\d MB buffered, .*, …, 4.\d MB buffered in undrained; 0.\d MB "
    assert re.match(told, explain(streams))
    assert "results" not in explain([races[1], races[1]])
    assert "results" not in explain([of_pattern("gather", 2), of_pattern("sequential", 2)])


def of_pattern(pattern: str, tasks: int) -> Timeline:
    """Return a run on the virtual clock, as a measured one."""
    spec = RunSpec(pattern=pattern, tasks=tasks, sleep_s=0.1)
    return replace(run_sleeping(pattern, tasks, 0.1).timeline, program=spec)
