"""What stands still or is killed is named, replaced, and gone after SIGTERM: some of the matrix.

The whole of it is `python -m benchmarks.faults`.
"""

import sys

import pytest

from benchmarks.faults import PARTS, SIGNALS, Answer, Result, measured
from tests.kit.needs import need_packages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
IN_CI = ("child", "zygote", "pool worker")


@pytest.mark.real
@pytest.mark.parametrize("how", SIGNALS)
@pytest.mark.parametrize("part", IN_CI)
def test_a_process_that_is_lost_is_named_replaced_and_gone_at_the_end(part: str, how: str) -> None:
    result = measured(part, how)
    assert result.is_right, result


@pytest.mark.real
@pytest.mark.parametrize("how", SIGNALS)
def test_a_lost_web_server_is_named_replaced_and_gone_at_the_end(how: str) -> None:
    need_packages("aiohttp")
    result = measured("web server", how)
    assert result.is_right, result


def test_a_case_is_right_if_the_run_tells_of_it_and_nothing_is_left() -> None:
    answer = Answer(outcome="ChildLost", sentence="", next_outcome="ok")
    right = Result(part="child", how="SIGKILL", answer=answer, gone_s=1.0, left=())
    silent = Answer(outcome="ok", sentence="", next_outcome="ok")
    assert right.is_right
    assert not Result(part="child", how="SIGKILL", answer=silent, gone_s=1.0, left=()).is_right
    assert not Result(part="child", how="SIGKILL", answer=answer, gone_s=None, left=()).is_right
    assert not Result(part="child", how="SIGKILL", answer=answer, gone_s=1.0, left=("x",)).is_right
    assert set(IN_CI) < set(PARTS)
