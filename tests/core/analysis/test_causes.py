from dataclasses import replace

from core.analysis.causes import why_they_differ
from core.spec.run_spec import RunSpec
from core.timeline.timeline import On, State, Timeline
from tests.kit.handmade import timeline
from tests.kit.sleeping import run_sleeping

NAMES = ["one", "other"]


def of_pattern(pattern: str, tasks: int = 3) -> Timeline:
    """Return a run on the virtual clock, as a measured one."""
    spec = RunSpec(pattern=pattern, tasks=tasks, sleep_s=0.1)
    return replace(run_sleeping(pattern, tasks, 0.1).timeline, program=spec)


def test_where_as_many_jobs_are_in_flight_the_waits_for_others_explain_the_times() -> None:
    runs = [of_pattern("left_by_break"), of_pattern("with_aclosing")]
    assert why_they_differ(runs, NAMES) == (
        "Jobs waited for what others held: 2 in one, for up to 200 ms."
    )
    alike = [of_pattern("with_lock"), of_pattern("with_lock")]
    assert why_they_differ(alike, NAMES) == "In each, up to 3 jobs were in flight."


def test_where_the_loop_slept_it_is_said_who_was_ready_meanwhile() -> None:
    begun, waiting = (0, State.RUNNING, 0, 1), (0, State.WAITING, 1, 5)
    late, prompt = (0, State.RUNNING, 305, 306), (0, State.RUNNING, 5, 6)
    slept = timeline(
        begun,
        waiting,
        (0, State.READY, 5, 305),
        late,
        wall_ms=306,
        steps_ms=[(0, 1), (305, 306)],
    )
    on = slept.spans.on.copy()
    on[slept.spans.state == State.WAITING] = On.FUTURE
    slept = replace(slept, spans=replace(slept.spans, on=on))
    woken = timeline(begun, waiting, prompt, wall_ms=6)
    assert why_they_differ([slept, woken], NAMES) == (
        "Jobs were ready while the event loop slept: 1 in one, for up to 300 ms."
    )
