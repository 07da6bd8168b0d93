from typing import ClassVar

from tests.kit.screen import opened
from tests.pages.pitfalls import LOOP, Pitfall

JOBS = [f"job {number}" for number in range(1, 4)]


class TestPitfall(Pitfall):
    page = "child_processes"
    sides = ("blocking_child", "awaited_child")
    strips = (LOOP,)
    because = "The event loop was held: in blocking_child for up to "
    findings: ClassVar = {
        "blocking_child": ["`subprocess.run(command, check=True)` held the event loop 3 times"]
    }
    returned: ClassVar = {"blocking_child": JOBS, "awaited_child": JOBS}


def test_the_outline_has_each_job_begin_when_a_child_that_nobody_holds_up_has_ended() -> None:
    screen = opened("child_processes", by_itself=False, tasks=3, sleep=50)
    assert [bars.starts for bars in screen.bars()] == [[100, 100, 100]] * 2
    assert [bars.lengths for bars in screen.bars()] == [[50, 50, 50]] * 2
