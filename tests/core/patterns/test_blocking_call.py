"""A blocking call in a coroutine: while it lasts, nobody else runs."""

from core.timeline.timeline import State, Timeline
from tests.kit.sleeping import NAMES, error_of, run_sleeping
from tests.kit.virtual import MS, ended_ms, states, whole_ms


def ready_ms(timeline: Timeline, job: int) -> list[int]:
    """Return for how long a job was ready each time that it had to wait for the loop."""
    spans = timeline.spans
    ready = (spans.job == job) & (spans.state == State.READY)
    return [int(duration) // MS for duration in spans.duration_ns[ready]]


def test_blocking_calls_add_up_and_the_sleeps_begin_only_after_them() -> None:
    timeline = run_sleeping("blocking_call", 4, 0.1).timeline
    assert ended_ms(timeline) == [100, 200, 200, 300]
    assert whole_ms(timeline) == 300


def test_the_others_are_ready_for_exactly_as_long_as_the_loop_is_held() -> None:
    timeline = run_sleeping("blocking_call", 4, 0.1).timeline
    assert [ready_ms(timeline, job) for job in (1, 3)] == [[100, 0], [200, 0]]


def test_a_sleep_that_is_over_meanwhile_ends_late() -> None:
    timeline = run_sleeping("blocking_call", 3, 0.1, failing=2, failing_after_s=0.04).timeline
    assert ready_ms(timeline, 1) == [100, 60]
    assert ended_ms(timeline)[1] == 200


def test_a_blocking_call_runs_on_the_loop_and_holds_it() -> None:
    timeline = run_sleeping("blocking_call", 4, 0.1).timeline
    assert timeline.worker_lanes == ()
    assert timeline.spans.job[timeline.spans.is_blocking].tolist() == [0, 2]
    assert states(timeline, 0)[-1] == State.RUNNING


def test_results_keep_the_order_of_the_arguments() -> None:
    assert run_sleeping("blocking_call", 4).returned.value == NAMES[4]


def test_a_blocking_call_that_fails_ends_the_pattern() -> None:
    ran = run_sleeping("blocking_call", 2, 0.1, failing=1)
    assert error_of(ran) == "RuntimeError: job 1 went wrong"
    assert ran.timeline.jobs.outcome == ("failed", "cancelled")
