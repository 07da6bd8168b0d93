from dataclasses import replace

from core.analysis.findings_text import findings_text
from core.jobs import Spread
from core.spec.run_spec import RunSpec
from tests.kit.sleeping import printed, run_sleeping
from tests.kit.virtual import ended_ms


def test_all_read_the_balance_before_anybody_has_written_it() -> None:
    ran = run_sleeping("lost_update", 4)
    assert ended_ms(ran.timeline) == [200] * 4
    assert ran.returned.value == [1, 1, 1, 1]
    assert printed(ran, "deposits") == [(200, "4 deposits of 1: 1")]


def test_how_long_each_takes_changes_nothing() -> None:
    ran = run_sleeping("lost_update", 4, 0.4, Spread.FALLING)
    assert ran.returned.value == [1, 1, 1, 1]


def test_that_all_saw_the_same_balance_is_told() -> None:
    ran = run_sleeping("lost_update", 4)
    run = replace(ran.timeline, program=RunSpec(pattern="lost_update", tasks=4, sleep_s=0.2))
    assert findings_text(run) == "All 4 jobs returned the same: 1."
