from typing import ClassVar

import pytest

from core.patterns import PATTERNS
from tests.kit.needs import need_python
from tests.kit.screen import opened
from tests.pages.pitfalls import LOOP, Pitfall

JOBS = ["job 1", "job 2", "job 3", "job 4"]


class TestPitfall(Pitfall):
    page = "eager_tasks"
    sides = ("ordinary_tasks", "eager_tasks")
    strips = (LOOP,)
    short: ClassVar = {"tasks": 4, "sleep": 50}
    because = (
        "The event loop was held: in ordinary_tasks for up to "
        if PATTERNS["eager_tasks"].runs_here
        else "4 jobs of 50.0 ms took "
    )
    findings: ClassVar = {
        "ordinary_tasks": ["2 jobs were ready, and had to wait for the loop for up to "],
        "eager_tasks": ["`time.sleep(0.05)` held the event loop for "],
    }
    returned: ClassVar = {"ordinary_tasks": JOBS, "eager_tasks": JOBS}


@pytest.mark.real
def test_eager_tasks_sleep_while_their_creator_works_and_ordinary_ones_after_it() -> None:
    need_python(PATTERNS["eager_tasks"])
    screen = opened("eager_tasks", by_itself=False, tasks=4, sleep=100).press("run").when_ended()
    begun = [
        min(
            start
            for bars in screen.bars("waiting")
            if bars.plot == plot
            for start, length in zip(bars.starts, bars.lengths, strict=True)
            if length > 50  # a sleep, and not the wait to be begun
        )
        for plot in ("y", "y3")
    ]
    assert begun[1] < 100
    assert begun[0] >= 200
