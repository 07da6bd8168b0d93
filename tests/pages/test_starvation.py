from typing import ClassVar

import pytest

from tests.kit.screen import opened
from tests.pages.pitfalls import LOOP, Pitfall

JOBS = ["job 1", "job 2", "job 3", "job 4"]


class TestPitfall(Pitfall):
    page = "starvation"
    sides = ("greedy", "gives_way")
    strips = (LOOP,)
    short: ClassVar = {"tasks": 4, "sleep": 50}
    because = "The event loop was held: in greedy for up to "
    findings: ClassVar = {
        "greedy": ["`time.sleep(0.05)` held the event loop for "],
        "gives_way": ["`time.sleep(0.05)` held the event loop 2 times"],
    }
    returned: ClassVar = {"greedy": JOBS, "gives_way": JOBS}


@pytest.mark.real
def test_only_after_all_the_work_do_the_others_begin_unless_it_gives_way() -> None:
    screen = opened("starvation", by_itself=False, tasks=4, sleep=100).press("run").when_ended()
    slept = [
        [
            start
            for bars in screen.bars()
            if bars.plot == plot and bars.name == "waiting"
            for start, length in zip(bars.starts, bars.lengths, strict=True)
            if length > 50
        ]
        for plot in ("y", "y3")
    ]
    assert [len(starts) for starts in slept] == [2, 2]
    begun = list(map(min, slept))
    assert begun[0] >= 200
    assert 100 <= begun[1] < begun[0]
