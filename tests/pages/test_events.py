from typing import ClassVar

from tests.kit.screen import opened
from tests.pages.pitfalls import LOOP, Pitfall

JOBS = ["job 1", "job 2", "job 3"]


class TestPitfall(Pitfall):
    page = "events"
    sides = ("event", "condition", "barrier")
    strips = (LOOP,)
    short: ClassVar = {"tasks": 3, "sleep": 200}
    because = "3 jobs of up to 200 ms: event took "
    findings: ClassVar = {
        "event": ["2 jobs waited for an event, the longest was job ", "until job 1 set it."],
        "condition": [
            "2 jobs waited for a condition, the longest was job 3: ",
            "(woken 2×).",
        ],
        "barrier": ["2 jobs waited at a barrier, the longest was job 3: ", "until job 1 came."],
    }
    returned: ClassVar = {"event": JOBS, "condition": JOBS, "barrier": JOBS}


def test_the_outlines_are_one_then_all_one_after_another_and_all_at_once() -> None:
    screen = opened("events", by_itself=False, tasks=3, sleep=300)
    assert [bars.starts for bars in screen.bars()] == [[0, 300, 300], [0, 300, 500], [0, 0, 0]]
