from typing import ClassVar

import pytest

from tests.kit.screen import opened
from tests.pages.pitfalls import LOG, LOOP, Pitfall

HELD = ["`time.sleep(0.15)` held the event loop"]


class TestPitfall(Pitfall):
    page = "debugging"
    sides = ("blocking_call", "debug_mode")
    strips = (LOOP, LOG)
    short: ClassVar = {"tasks": 3, "sleep": 150}
    because = "Debug mode made a step of the event loop "
    findings: ClassVar = {
        "blocking_call": HELD,
        "debug_mode": [*HELD, "asyncio warned of "],
    }
    returned: ClassVar = {name: ["job 1", "job 2", "job 3"] for name in sides}


@pytest.mark.real
def test_only_debug_mode_warns_and_its_warnings_are_marked_below_its_run() -> None:
    screen = opened("debugging", by_itself=False, tasks=1, sleep=150).press("run").when_ended()
    assert "asyncio warned of " not in screen.findings["blocking_call"]
    assert "asyncio warned of " in screen.findings["debug_mode"]
    marks = {
        trace["yaxis"]: len(trace["customdata"])
        for trace in screen.figure["data"]
        if trace.get("marker", {}).get("symbol") == "triangle-down" and "customdata" in trace
    }
    assert set(marks) == {"y6"}
    assert marks["y6"] > 0
