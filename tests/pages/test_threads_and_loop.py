from typing import ClassVar

from tests.kit.screen import opened
from tests.pages.pitfalls import LOOP, Pitfall

JOBS = [f"job {number}" for number in range(1, 4)]


class TestPitfall(Pitfall):
    page = "threads_and_loop"
    sides = ("set_from_thread", "call_soon_threadsafe", "run_coroutine_threadsafe")
    strips = (LOOP,)
    because = "set_from_thread took "
    findings: ClassVar = {"set_from_thread": ["3 jobs were ready, and had to wait for the loop"]}
    returned: ClassVar = {
        "set_from_thread": JOBS,
        "call_soon_threadsafe": JOBS,
        "run_coroutine_threadsafe": JOBS,
    }


def test_the_outline_is_the_same_for_all_as_the_loop_should_not_sleep_on() -> None:
    screen = opened("threads_and_loop", by_itself=False, tasks=2, sleep=100)
    assert [bars.lengths for bars in screen.bars()] == [[100, 100]] * 3
