from typing import ClassVar

import pytest

from tests.kit.screen import BLOCKING, opened
from tests.pages.pitfalls import LOOP, Pitfall

LATE = "were ready, and had to wait for the loop"


class TestPitfall(Pitfall):
    page = "blocking"
    sides = ("blocking_call", "pool_in_with", "to_thread")
    strips = (LOOP,)
    short: ClassVar = {"tasks": 4, "sleep": 50}
    because = "The event loop was held: in blocking_call for up to "
    findings: ClassVar = {
        "blocking_call": ["`time.sleep(0.05)` held the event loop", LATE],
        "pool_in_with": ["`with ThreadPoolExecutor() as pool:` held the event loop", LATE],
    }
    returned: ClassVar = {name: ["job 1", "job 2", "job 3", "job 4"] for name in sides}


@pytest.mark.real
def test_every_second_job_blocks_works_in_a_thread_or_makes_others_wait() -> None:
    screen = opened("blocking", by_itself=False, tasks=4, sleep=50).press("run").when_ended()
    call, pool, thread = (screen.states(plot) for plot in ("y", "y3", "y5"))
    assert [BLOCKING in call[row] for row in range(4)] == [True, False, True, False]
    for states in (pool, thread):
        assert ["working" in states[row] for row in range(4)] == [True, False, True, False]
    assert "ready" in call[1]
