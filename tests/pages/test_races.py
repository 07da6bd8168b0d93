from typing import ClassVar

from tests.kit.screen import opened
from tests.pages.pitfalls import LOG, Pitfall


class TestPitfall(Pitfall):
    page = "races"
    sides = ("lost_update", "with_lock")
    strips = (LOG,)
    because = (
        "The results differ: 1 from each job in lost_update; 1, 2, 3 in with_lock. "
        "3 jobs of 50.0 ms: lost_update took "
    )
    findings: ClassVar = {
        "lost_update": ["All 3 jobs returned the same: 1."],
        "with_lock": ["2 jobs waited for a lock that others held, the longest was job 3: "],
    }
    returned: ClassVar = {"lost_update": ["1", "1", "1"], "with_lock": ["1", "2", "3"]}


def test_the_outline_of_the_cure_is_one_job_after_another() -> None:
    screen = opened("races", by_itself=False, tasks=3, sleep=100)
    assert [bars.starts for bars in screen.bars()] == [[0, 0, 0], [0, 100, 200]]
