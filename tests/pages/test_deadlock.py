from typing import ClassVar

from tests.kit.screen import opened
from tests.pages.pitfalls import LOOP, Pitfall


class TestPitfall(Pitfall):
    page = "deadlock"
    sides = ("deadlock", "lock_order", "awaits_itself")
    knobs = frozenset({"Time-out"})
    strips = (LOOP,)
    short: ClassVar = {"tasks": 3, "sleep": 50, "timeout": 500}
    because = (
        "Deadlock in deadlock: jobs waited in a circle for what the others held. "
        "Not all jobs ended well: 3 were cancelled in deadlock; 3 failed in awaits_itself."
    )
    findings: ClassVar = {
        "deadlock (time-out 500 ms)": [
            "Deadlock after ",
            "job 2 waited at `async with second:` for a lock that job 1 held",
            "job 1 waited at `async with second:` for a lock that job 2 held",
            "Job 3 waited ",
            " for a lock that job 1 held.",
        ],
        "awaits_itself": ["3 jobs failed (RuntimeError), the first after "],
        "lock_order (time-out 500 ms)": [
            "2 jobs waited for a lock that others held, the longest was job 3: "
        ],
    }
    returned: ClassVar = {
        "deadlock (time-out 500 ms)": ["CancelledError("] * 3,
        "lock_order (time-out 500 ms)": ["job 1", "job 2", "job 3"],
        "awaits_itself": ['RuntimeError("Task cannot await on itself'] * 3,
    }


def test_the_outline_of_those_with_locks_is_one_job_after_another() -> None:
    screen = opened("deadlock", by_itself=False, tasks=3, sleep=100, timeout=1_000)
    assert [bars.starts for bars in screen.bars()] == [[0, 100, 200], [0, 100, 200], [0, 0, 0]]
