"""Tasks to which nobody refers: the garbage collector takes them before they come to their job."""

from tests.kit.quiet import quiet
from tests.kit.sleeping import printed, run_sleeping
from tests.kit.virtual import Ran, states, whole_ms

DESTROYED = "ERROR: Task was destroyed but it is pending!"


def collected(count: int) -> tuple[Ran, list[str]]:
    """Return the run, and what Python said of it, with the lines that it said of each task once."""
    with quiet() as said:
        ran = run_sleeping("unreferenced_tasks", count)
    assert len(said) == 2 * count
    return ran, sorted(set(said))


def test_each_task_is_destroyed_while_it_is_pending() -> None:
    _, said = collected(3)
    assert said == [
        f"{DESTROYED} ['unreferenced_tasks.<locals>.begin_on()'] None",
        "RuntimeWarning: coroutine 'sleep' was never awaited",
    ]


def test_the_jobs_are_lost_without_having_begun() -> None:
    ran, _ = collected(3)
    assert ran.timeline.jobs.outcome == ("lost",) * 3
    assert [states(ran.timeline, job)[0].name for job in range(3)] == ["WAITING"] * 3
    assert printed(ran, "job") == []


def test_the_pattern_goes_on_as_if_nothing_had_happened() -> None:
    ran, _ = collected(2)
    assert whole_ms(ran.timeline) == 200
    assert ran.returned.error is None
