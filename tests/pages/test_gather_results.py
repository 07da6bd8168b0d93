import pytest

from core.jobs import Spread
from tests.kit.screen import opened
from tests.pages.lessons import Lesson


class TestLesson(Lesson):
    pattern = "gather_results"
    spread = Spread.FALLING


@pytest.mark.real
def test_jobs_end_in_reverse_and_results_keep_the_order_of_the_arguments() -> None:
    screen = opened("gather_results", tasks=3, sleep=100).when_ended().unfold("transcript")
    *_, transcript = screen.texts("code")
    ends = [transcript.index(f" job {number}\n") for number in (3, 2, 1)]
    assert ends == sorted(ends)
    assert screen.sentence is not None
    assert screen.sentence.startswith("3 jobs of up to 100 ms took ")
