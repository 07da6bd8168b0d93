from typing import ClassVar

from tests.kit.screen import opened
from tests.pages.pitfalls import LOG, Pitfall


class TestPitfall(Pitfall):
    page = "shield"
    sides = (
        *("shield", "shield_awaited", "leave_group", "stop_group"),
        "nested_timeouts · cleanup",
    )
    knobs = frozenset({"Time-out"})
    strips = (LOG,)
    short: ClassVar = {"tasks": 2, "sleep": 1_000, "timeout": 300}
    because = (
        "Not all jobs ended well: 2 were cancelled in each of shield, stop_group; "
        "1 failed, 1 was cancelled in nested_timeouts."
    )
    findings: ClassVar = {
        "shield": ["2 jobs were cancelled by asyncio.run, after the pattern had returned."],
        "stop_group": ["2 jobs were cancelled by the pattern after "],
        "nested_timeouts (cleanup)": [
            "Job 2 failed after ",
            "1 job was cancelled by its own time-out after ",
            "1 was cancelled again before it had ended, after ",
        ],
    }
    returned: ClassVar = {
        "shield_awaited": ["job 1", "job 2"],
        "nested_timeouts (cleanup)": ["CancelledError(", "TimeoutError("],
    }


def test_the_outline_of_a_job_ends_at_the_time_out_only_where_that_cancels_it() -> None:
    screen = opened("shield", by_itself=False, tasks=1, sleep=200, timeout=100)
    lengths = [bars.lengths for bars in screen.bars()]
    assert lengths == [[200], [200], [200], [100], [150]]
