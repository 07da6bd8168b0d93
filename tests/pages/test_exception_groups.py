from typing import ClassVar

import pytest

from tests.kit.screen import opened
from tests.pages.pitfalls import LOG, Pitfall

THREE = "3 jobs failed (2 × OSError, 1 × RuntimeError), the first after "


class TestPitfall(Pitfall):
    page = "exception_groups"
    sides = ("first_error", "every_error", "except_star", "nested_groups")
    knobs = frozenset({"Failing job", "Fails after"})
    strips = (LOG,)
    short: ClassVar = {"tasks": 4, "sleep": 400, "failing": 3, "failing after": 20}
    because = (
        "Not all jobs ended well: 3 failed in each of first_error, every_error; "
        "3 failed, 1 was cancelled in each of except_star, nested_groups."
    )
    findings: ClassVar = {
        "first_error": [THREE, "Only 1 of these errors is among the results."],
        "every_error": [
            THREE,
            "The pattern ended with ExceptionGroup: some failed (3 sub-exceptions)",
        ],
        "except_star": [
            THREE,
            "because job 3 had failed. They failed instead, the last one after ",
        ],
        "nested_groups": [THREE, "because job 3 had failed."],
    }
    returned: ClassVar = {
        "first_error": ["RuntimeError('job 3 went wrong')"],
        "except_star": ["RuntimeError('job 3 went wrong')", "OSError(", "OSError("],
        "nested_groups": ["ExceptionGroup("] * 3,
    }


@pytest.mark.real
def test_only_the_error_that_came_first_is_seen_by_the_caller_of_a_gather() -> None:
    screen = opened("exception_groups", by_itself=False, tasks=4, sleep=400, failing=3)
    screen.slide(**{"failing after": 300}).press("run").when_ended().unfold()
    assert screen.returned["first_error"] == ["OSError('clean-up 4')"]
