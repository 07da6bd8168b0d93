from core.analysis.findings_text import findings_text
from tests.kit.sleeping import printed, run_sleeping
from tests.kit.virtual import ended_ms


def test_each_deposit_sees_the_one_before() -> None:
    ran = run_sleeping("with_lock", 4)
    assert ended_ms(ran.timeline) == [200, 400, 600, 800]
    assert ran.returned.value == [1, 2, 3, 4]
    assert printed(ran, "deposits") == [(800, "4 deposits of 1: 4")]


def test_the_price_is_told() -> None:
    assert findings_text(run_sleeping("with_lock", 4).timeline) == (
        "3 jobs waited for a lock that others held, the longest was job 4: 600 ms, for job 1."
    )
