from typing import ClassVar

from tests.kit.screen import opened
from tests.pages.pitfalls import LOOP, Pitfall

JOBS = ["job 1", "job 2", "job 3"]


class TestPitfall(Pitfall):
    page = "async_generators"
    sides = ("left_by_break", "with_aclosing")
    strips = (LOOP,)
    because = "3 jobs of 50.0 ms: left_by_break took "
    findings: ClassVar = {
        "left_by_break": [
            "2 jobs waited for a lock that others held, the longest was job 3: ",
        ],
    }
    returned: ClassVar = {"left_by_break": JOBS, "with_aclosing": JOBS}


def test_the_outline_of_the_cure_is_all_at_once() -> None:
    screen = opened("async_generators", by_itself=False, tasks=3, sleep=100)
    assert [bars.starts for bars in screen.bars()] == [[0, 100, 200], [0, 0, 0]]
