from typing import ClassVar

from tests.kit.screen import opened
from tests.pages.pitfalls import LOG, Pitfall


class TestPitfall(Pitfall):
    page = "context_variables"
    sides = ("set_after", "set_before", "own_context")
    strips = (LOG,)
    because = "3 jobs of 50.0 ms: set_after took "
    findings: ClassVar = {
        "set_after": ["All 3 jobs returned the same: nobody."],
        "set_before": ["All 3 jobs returned the same: Ada."],
    }
    returned: ClassVar = {
        "set_after": ["nobody"] * 3,
        "set_before": ["Ada"] * 3,
        "own_context": ["user 1", "user 2", "user 3"],
    }


def test_the_outlines_are_alike() -> None:
    screen = opened("context_variables", by_itself=False, tasks=3, sleep=100)
    assert [bars.starts for bars in screen.bars()] == [[0, 0, 0]] * 3
