from core.spec.ideal import ideal_of, schedule
from core.spec.run_spec import RunSpec
from tests.kit.refusing import run_refused
from tests.kit.sleeping import NAMES
from tests.kit.virtual import MS, ended_ms


def test_it_asks_every_ten_milliseconds_and_is_served_at_the_rate_of_the_server() -> None:
    ran, asked_ms = run_refused("hammer", 4, timeout_s=2)
    assert asked_ms == [[0], [0], [0, 10, 20, 30, 40, 50], list(range(0, 101, 10))]
    assert ended_ms(ran.timeline) == [50, 50, 100, 150]
    assert ran.returned.value == NAMES[4]


def test_a_job_that_is_not_served_in_time_fails() -> None:
    ran, _ = run_refused("hammer", 4, timeout_s=0.12)
    assert ended_ms(ran.timeline) == [50, 50, 100, 120]
    assert ran.timeline.jobs.outcome == ("ok", "ok", "ok", "failed")
    assert isinstance(ran.returned.value, list)
    assert isinstance(ran.returned.value[3], TimeoutError)


def test_nobody_can_say_what_would_be_best_but_the_most_that_it_can_take() -> None:
    spec = RunSpec(pattern="hammer", tasks=3, sleep_s=0.2, timeout_s=1.5)
    assert ideal_of(spec) is None
    assert schedule(spec).wall_ns == 1_700 * MS
