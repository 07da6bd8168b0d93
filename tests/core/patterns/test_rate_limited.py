from core.spec.ideal import schedule
from core.spec.run_spec import RunSpec
from tests.kit.refusing import run_refused
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import MS, ended_ms, whole_ms


def test_each_job_asks_once_when_there_is_a_token_for_it() -> None:
    ran, asked_ms = run_refused("rate_limited", 4, rate=20)
    assert asked_ms == [[0], [50], [100], [150]]
    assert ended_ms(ran.timeline) == [50, 100, 150, 200]
    assert ran.returned.value == NAMES[4]


def test_a_rate_that_is_twice_the_servers_is_refused() -> None:
    ran, asked_ms = run_refused("rate_limited", 4, rate=40)
    assert asked_ms == [[0], [25], [50], [75]]
    assert ran.timeline.jobs.outcome == ("ok", "ok", "ok", "failed")


def test_its_ideal_is_a_job_for_each_token() -> None:
    spec = RunSpec(pattern="rate_limited", tasks=3, sleep_s=0.2, rate=10)
    assert [start // MS for start in schedule(spec).start_ns] == [0, 100, 200]
    assert whole_ms(run_sleeping("rate_limited", 3, 0.2, rate=10).timeline) == 400
