import pytest

from core.spec.limits import default_pool_size
from core.spec.run_spec import ExecutorKind
from tests.kit.screen import opened


def test_the_same_job_goes_through_every_executor() -> None:
    screen = opened("executors", by_itself=False, tasks=4, sleep=50)
    assert len(screen.titles) == 1 + len(ExecutorKind)
    assert [tab.label for tab in screen.at.tabs] == [
        "blocking_loop",
        f"run_in_executor · default pool of {default_pool_size()}",
        "run_in_executor · 3 threads",
        "run_in_executor · 3 processes",
        "run_in_executor · 3 Dask workers",
    ]
    assert {each.label for each in screen.at.select_slider} == {"Tasks", "Sleep", "Workers"}


@pytest.mark.real
def test_a_run_shows_waves_start_up_and_what_a_job_costs() -> None:
    screen = opened("executors", by_itself=False, tasks=4, sleep=50, workers=2)
    screen.press("run").when_ended()
    assert screen.texts("error") == []
    assert all("working" in states for states in screen.states("y4").values())
    queued = [bars.rows for bars in screen.bars("queued") if bars.plot == "y3"]
    assert [set(rows) >= {2, 3} for rows in queued] == [True]
    heads = screen.at.table[0].value.columns.tolist()
    assert "start-up" in heads
    assert "overhead per job" in heads
    findings = screen.findings
    assert "Starting the pool took " in findings["run_in_executor (2 processes)"]
