from typing import ClassVar

from tests.kit.screen import opened
from tests.pages.pitfalls import LOG, Pitfall

JOBS = [f"job {number}" for number in range(1, 7)]


class TestPitfall(Pitfall):
    page = "clean_end"
    sides = ("stop_at_once", "drain_queue")
    knobs = frozenset({"Limit", "Time-out"})
    strips = (LOG,)
    short: ClassVar = {"tasks": 6, "sleep": 400, "limit": 2, "timeout": 500}
    because = "Not all jobs ended well: 2 were cancelled, 2 were lost in stop_at_once."
    findings: ClassVar = {
        "stop_at_once": ["2 jobs were cancelled by the pattern after ", "2 jobs never began."],
        "drain_queue": ["4 jobs were made long before they began, up to "],
    }
    returned: ClassVar = {
        "stop_at_once": ["job 1", "job 2", *["None"] * 4],
        "drain_queue": JOBS,
    }


def test_the_outline_of_the_fault_ends_at_the_signal_and_that_of_the_cure_after_the_last_job() -> (
    None
):
    screen = opened("clean_end", by_itself=False, tasks=4, sleep=100, limit=2, timeout=150)
    fault, cure = screen.bars()
    assert (fault.starts, fault.lengths) == ([0, 10, 100, 110], [100, 100, 50, 40])
    assert (cure.starts, cure.lengths) == ([0, 10, 100, 110], [100] * 4)
