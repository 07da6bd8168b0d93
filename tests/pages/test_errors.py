from typing import ClassVar

import pytest

from tests.kit.screen import opened
from tests.pages.pitfalls import Pitfall

FAILED = "RuntimeError('job 3 went wrong')"
RESULTS = ["job 1", "job 2", FAILED, "job 4", "job 5"]


class TestPitfall(Pitfall):
    page = "errors"
    sides = ("gather_error", "gather_exceptions", "task_group", "try_each")
    knobs = frozenset({"Failing job", "Fails after"})
    short: ClassVar = {"tasks": 5, "sleep": 150, "failing": 3, "failing after": 50}
    because = (
        "Not all jobs ended well: 1 failed in each of gather_error, gather_exceptions, try_each; "
    )
    findings: ClassVar = {
        "gather_error": ["Job 3 failed after", "still ran to completion."],
        "gather_exceptions": ["Job 3 failed after", "still ran to completion."],
        "task_group": [
            "Job 3 failed after",
            "were cancelled",
            "later, because job 3 had failed.",
            "The pattern ended with ExceptionGroup",
        ],
        "try_each": ["Job 3 failed after", "still ran to completion."],
    }
    returned: ClassVar = {name: RESULTS for name in sides if name != "task_group"}


@pytest.mark.real
def test_moving_the_knob_makes_another_job_fail() -> None:
    screen = opened("errors", tasks=3, sleep=50, failing=1).when_ended()
    for number, text in ((1, screen.findings), (2, screen.slide(failing=2).when_ended().findings)):
        assert [f"Job {number} failed after" in text for text in text.values()] == [True] * 4
    assert screen.returned["try_each"] == ["job 1", "RuntimeError('job 2 went wrong')", "job 3"]


def test_a_failing_job_that_there_is_not_is_refused_and_the_page_stands() -> None:
    screen = opened("errors", by_itself=False, tasks=2)
    (first, *_) = errors = screen.texts("error")
    assert len(errors) == 4
    assert first.startswith("gather_error: failing is 3; it must be at most 2")
    assert screen.at.button(key="errors run").disabled
    assert screen.slide(failing=2).texts("error") == []
    assert len(screen.bars()) == 4
