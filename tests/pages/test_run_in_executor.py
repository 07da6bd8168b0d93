import pytest

from tests.kit.screen import opened
from tests.pages.lessons import Lesson


class TestLesson(Lesson):
    pattern = "run_in_executor"
    states = frozenset({"working"})
    controls = frozenset({"executor"})


def test_workers_can_be_chosen_for_threads_and_processes_only() -> None:
    screen = opened("run_in_executor", by_itself=False)
    assert [each.label for each in screen.at.select_slider] == ["Tasks", "Sleep"]
    for kind in ("threads", "processes"):
        screen.choose("executor", kind)
        assert [each.label for each in screen.at.select_slider] == ["Tasks", "Sleep", "Workers"]
    screen.choose("executor", "default")
    assert [each.label for each in screen.at.select_slider] == ["Tasks", "Sleep"]


def test_the_outline_of_three_workers_comes_in_waves() -> None:
    screen = opened("run_in_executor", by_itself=False, tasks=8, sleep=100)
    screen.choose("executor", "threads")
    (outline,) = screen.bars()
    assert outline.starts == [0, 0, 0, 100, 100, 100, 200, 200]


@pytest.mark.real
@pytest.mark.parametrize(("executor", "worker"), [("threads", "thread"), ("processes", "process")])
def test_a_pool_has_a_row_for_each_of_its_workers(executor: str, worker: str) -> None:
    screen = opened("run_in_executor", by_itself=False, tasks=4, sleep=50)
    screen.choose("executor", executor).slide(workers=2).choose("lanes", "workers")
    screen.press("run").when_ended()
    (working,) = screen.bars("working")
    assert sorted(set(working.rows)) == [0, 1]
    assert len(working.rows) == 4
    labels = screen.figure["layout"]["yaxis"]["ticktext"]
    assert labels == [f"{worker}-1", f"{worker}-2"]
