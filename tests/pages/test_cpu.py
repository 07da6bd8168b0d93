import re

import pytest

from tests.kit.screen import BLOCKING, opened


def test_it_asks_for_tasks_work_and_workers_only() -> None:
    screen = opened("cpu", by_itself=False)
    assert {each.label for each in screen.at.select_slider} == {"Tasks", "Work", "Workers"}
    assert [tab.label for tab in screen.at.tabs] == [
        "blocking_loop · calculation",
        "gather · calculation",
        "run_in_executor · calculation · 2 threads",
        "run_in_executor · calculation · 2 processes",
    ]
    pools = [re.findall(r"with (\w+)\(2\) as executor", code) for code in screen.texts("code")]
    assert pools == [[], [], ["ThreadPoolExecutor"], ["ProcessPoolExecutor"]]


def test_only_processes_promise_to_be_faster() -> None:
    screen = opened("cpu", by_itself=False, tasks=4, sleep=100)
    ideals = [title.partition(" — ")[2].partition("<br>")[0] for title in screen.titles]
    assert ideals[:3] == ["ideally 400 ms"] * 3
    assert ideals[3] in ("ideally 200 ms", "ideally 400 ms")


@pytest.mark.real
def test_a_run_tells_which_processors_were_used_and_whether_there_is_a_gil() -> None:
    screen = opened("cpu", by_itself=False, tasks=2, sleep=50).press("run").when_ended()
    assert screen.texts("error") == []
    assert screen.sentence is not None
    assert "Processors in use, on average: " in screen.sentence
    assert "the GIL" in screen.sentence
    assert all(BLOCKING in states for states in screen.states("y3").values())
    for plot in ("y", "y5", "y7"):
        assert all("working" in states for states in screen.states(plot).values())
    heads = str(screen.at.table[0].value.columns.tolist())
    assert "cores used" in heads
    assert "CPU share" in heads
