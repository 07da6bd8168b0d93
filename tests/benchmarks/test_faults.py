"""What stands still or is killed is named, replaced, and gone after SIGTERM: some of the matrix.

The whole of it is `python -m benchmarks.faults`.
"""

import itertools
import sys
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from benchmarks.faults import PARTS, SIGNALS, Answer, Result, measured
from tests.kit.needs import need_packages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
IN_CI = ("child", "zygote", "pool worker")
WEB_SERVER = "web server"
AT_ONCE = 4
Cases = dict[tuple[str, str], Future[Result]]
"""By the part that is lost and the signal."""


@pytest.fixture(scope="module")
def cases() -> Cases:
    """Return all cases, carried out some at a time: each mostly waits for its limit of time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wanted = itertools.product((*IN_CI, WEB_SERVER), SIGNALS)
        return {case: pool.submit(measured, *case) for case in wanted}


@pytest.mark.real
@pytest.mark.parametrize("how", SIGNALS)
@pytest.mark.parametrize("part", IN_CI)
def test_a_process_that_is_lost_is_named_replaced_and_gone_at_the_end(
    part: str, how: str, cases: Cases
) -> None:
    result = cases[part, how].result()
    assert result.is_right, result


@pytest.mark.real
@pytest.mark.parametrize("how", SIGNALS)
def test_a_lost_web_server_is_named_replaced_and_gone_at_the_end(how: str, cases: Cases) -> None:
    need_packages("aiohttp")
    result = cases[WEB_SERVER, how].result()
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
