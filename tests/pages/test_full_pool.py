from typing import ClassVar

from tests.kit.screen import opened
from tests.pages.pitfalls import LOOP, Pitfall

JOBS = [f"job {number}" for number in range(1, 5)]


class TestPitfall(Pitfall):
    page = "full_pool"
    sides = ("full_pool", "own_pool", "thread_limiter")
    knobs = frozenset({"Limit"})
    strips = (LOOP,)
    short: ClassVar = {"tasks": 4, "sleep": 300, "limit": 1}
    because = "full_pool took "
    findings: ClassVar = {"full_pool": ["2 jobs were made long before they began, up to "]}
    returned: ClassVar = {"full_pool": JOBS, "own_pool": JOBS, "thread_limiter": JOBS}


def test_the_outline_has_blocking_jobs_in_waves_and_no_other_waits() -> None:
    screen = opened("full_pool", by_itself=False, tasks=6, sleep=200, limit=2)
    assert [bars.starts for bars in screen.bars()] == [[0, 0, 0, 0, 200, 0]] * 3
