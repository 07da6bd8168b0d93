from typing import ClassVar

import pytest

from tests.kit.screen import opened
from tests.pages.pitfalls import LOG, Pitfall

BY_PATTERN = ["1 job was cancelled by the pattern after "]


class TestPitfall(Pitfall):
    page = "cancellation"
    sides = (
        *("cancel_tasks", "timeout", "wait_for"),
        *("timeout · cleanup", "timeout · stubborn", "thread_timeout"),
    )
    knobs = frozenset({"Time-out"})
    strips = (LOG,)
    short: ClassVar = {"tasks": 2, "sleep": 400, "timeout": 300}
    because = "Not all jobs ended well: 1 was cancelled in each of cancel_tasks, timeout, wait_for"
    findings: ClassVar = {
        "cancel_tasks": BY_PATTERN,
        "timeout": BY_PATTERN,
        "wait_for": BY_PATTERN,
        "timeout (cleanup)": BY_PATTERN,
    }
    returned: ClassVar = {
        "cancel_tasks": ["CancelledError(", "job 2"],
        "timeout": ["CancelledError(", "job 2"],
        "wait_for": ["TimeoutError(", "job 2"],
        "timeout (cleanup)": ["CancelledError(", "job 2"],
        "timeout (stubborn)": ["job 1", "job 2"],
        "thread_timeout": ["TimeoutError(", "job 2"],
    }


@pytest.mark.real
def test_all_threads_work_on_for_nobody_and_stubborn_jobs_all_end_well() -> None:
    screen = opened("cancellation", by_itself=False, tasks=3, sleep=300, timeout=50)
    screen.choose("spread", "equal").press("run").when_ended()
    threads = screen.findings["thread_timeout"]
    assert "3 jobs worked on for up to " in threads
    assert " after the pattern had returned." in threads
    stubborn = "timeout (stubborn)"
    text = screen.findings[stubborn]
    assert "3 jobs were cancelled by the pattern after " in text
    assert "They ignored that, and the last one ended after " in text
    assert screen.returned[stubborn] == ["job 1", "job 2", "job 3"]


def test_the_outline_of_a_job_ends_at_the_time_out_or_when_the_job_will() -> None:
    screen = opened("cancellation", by_itself=False, tasks=1, sleep=200, timeout=100)
    lengths = [bars.lengths for bars in screen.bars()]
    assert lengths == [[100], [100], [100], [150], [200], [200]]
