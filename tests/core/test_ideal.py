"""The best schedule possible."""

import pytest
from hypothesis import given

from core.errors import TooLong
from core.ideal import ideal, refuse_too_long
from core.patterns import PATTERNS, AtOnce
from core.spec import RunSpec
from tests.core.test_spec import valid_specs

MS = 1_000_000


def ends_ms(spec: RunSpec) -> list[int]:
    return [end // MS for end in ideal(spec).end_ns]


def test_one_at_a_time_adds_up() -> None:
    assert ends_ms(RunSpec(pattern="sequential", tasks=3, sleep_s=0.2)) == [200, 400, 600]


def test_all_at_once_takes_as_long_as_the_longest() -> None:
    spec = RunSpec(pattern="gather", tasks=4, sleep_s=0.4, spread="falling")
    assert ends_ms(spec) == [400, 300, 200, 100]
    assert ideal(spec).wall_ns == 400 * MS


def test_a_pool_of_three_runs_eight_jobs_in_three_waves() -> None:
    spec = RunSpec(pattern="run_in_executor", tasks=8, sleep_s=1, executor="threads", workers=3)
    assert ends_ms(spec) == [1000] * 3 + [2000] * 3 + [3000] * 2
    assert [start // MS for start in ideal(spec).start_ns] == [0] * 3 + [1000] * 3 + [2000] * 2


@given(valid_specs)
def test_no_schedule_is_shorter_than_its_longest_job_or_longer_than_all_jobs(
    spec: RunSpec,
) -> None:
    schedule = ideal(spec)
    lasting = [end - start for start, end in zip(schedule.start_ns, schedule.end_ns, strict=True)]
    assert lasting == [round(spec.plan.sleep_s(index) * 1e9) for index in range(spec.tasks)]
    assert max(lasting) <= schedule.wall_ns <= sum(lasting)
    if PATTERNS[spec.pattern].at_once is AtOnce.ONE:
        assert schedule.wall_ns == sum(lasting)


def test_a_run_that_is_too_long_is_refused_with_the_time_that_it_would_take() -> None:
    with pytest.raises(TooLong) as refusal:
        refuse_too_long(RunSpec(pattern="sequential", tasks=7, sleep_s=10))
    assert str(refusal.value) == (
        "sequential would take 70.0 s at best; the limit is 60 s. "
        "Use fewer tasks or a shorter sleep"
    )


def test_a_run_as_long_as_the_limit_is_let_through() -> None:
    refuse_too_long(RunSpec(pattern="sequential", tasks=6, sleep_s=10))
