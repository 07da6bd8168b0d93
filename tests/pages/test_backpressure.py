from typing import ClassVar

from tests.kit.screen import opened
from tests.pages.pitfalls import LOOP, Pitfall

JOBS = [f"job {number}" for number in range(1, 11)]


class TestPitfall(Pitfall):
    page = "backpressure"
    sides = ("unbounded_queue", "bounded_queue", "shut_down_queue")
    knobs = frozenset({"Limit"})
    strips = (LOOP,)
    short: ClassVar = {"tasks": 10, "sleep": 50, "limit": 2}
    because = "In each, up to 2 jobs were in flight."
    findings: ClassVar = {
        "unbounded_queue": ["8 jobs were made long before they began, up to 2"],
        "bounded_queue": ["8 jobs were made long before they began, up to 1"],
        "shut_down_queue": ["8 jobs were made long before they began, up to 1"],
    }
    returned: ClassVar = {
        "unbounded_queue": JOBS,
        "bounded_queue": JOBS,
        "shut_down_queue": JOBS,
    }


def test_the_outline_of_each_comes_in_waves_of_as_many_jobs_as_there_are_workers() -> None:
    screen = opened("backpressure", by_itself=False, tasks=4, sleep=100, limit=2)
    assert [bars.starts for bars in screen.bars()] == [[0, 0, 100, 100]] * len(TestPitfall().shown)
