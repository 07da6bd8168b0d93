from typing import ClassVar

import pytest

from tests.kit.screen import opened
from tests.pages.pitfalls import LOOP, Pitfall

JOBS = ["job 1", "job 2", "job 3", "job 4", "job 5"]


class TestPitfall(Pitfall):
    page = "too_many"
    sides = ("gather", "semaphore", "queue_workers")
    knobs = frozenset({"Limit"})
    strips = ("5 in flight", LOOP)
    short: ClassVar = {"tasks": 5, "sleep": 50, "limit": 2}
    because = "makes the difference: 5 in gather, 2 in semaphore, 2 in queue_workers."
    findings: ClassVar = {}
    returned: ClassVar = {
        "gather": JOBS,
        "semaphore (at most 2 at once)": JOBS,
        "queue_workers (at most 2 at once)": JOBS,
    }


@pytest.mark.real
def test_the_strip_below_each_run_names_how_many_jobs_were_in_flight() -> None:
    screen = opened("too_many", by_itself=False, tasks=50, sleep=20, limit=20)
    screen.press("run").when_ended()
    assert screen.labels[1::3] == [["50 in flight"], ["20 in flight"], ["20 in flight"]]


def test_the_outline_comes_in_waves_of_as_many_jobs_as_the_limit_lets_in() -> None:
    screen = opened("too_many", by_itself=False, tasks=3, sleep=100, limit=2)
    assert [bars.starts for bars in screen.bars()] == [[0, 0, 0], [0, 0, 100], [0, 0, 100]]
    screen.slide(limit=1)
    assert [bars.starts for bars in screen.bars()] == [[0, 0, 0], [0, 100, 200], [0, 100, 200]]
