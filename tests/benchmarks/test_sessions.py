"""A session without a browser: what it sends is heard, what it hears is told."""

import asyncio

import pytest

from benchmarks.server import running_app
from benchmarks.sessions import Session, session

FIGURES = 6

pytestmark = pytest.mark.real


async def assert_draws_runs_only(tab: Session) -> None:
    """Assert that a press of Run, and each look at what grows, spares the rest of the page."""
    assert (await tab.rerun()).of("checkbox")
    answers = [await tab.pressed("gather run")]
    while (refreshed := await tab.refresh()) is not None:
        answers.append(refreshed)
    assert len(answers) > 1
    assert [each.of("checkbox") for each in answers] == [[]] * len(answers)
    assert [len(each.of("plotly_chart")) for each in answers] == [1] * len(answers)
    assert [len(each.of("metric")) for each in answers] == [0] * (len(answers) - 1) + [FIGURES]


async def assert_answers(stream: str) -> None:
    async with session(stream, "gather") as tab:
        first = await tab.settle()
        assert first.exceptions == []
        assert {"gather tasks", "gather run"} <= set(tab.widgets)
        tab.choose("gather tasks", "8")
        tab.press("gather run")
        answer = await tab.settle()
        assert answer.exceptions == []
        assert len(answer.of("plotly_chart")) == 1
        assert len(answer.of("metric")) == FIGURES
        await assert_draws_runs_only(tab)
        tab.put("gather tasks").bool_value = True
        assert len((await tab.rerun()).exceptions) == 1


def test_a_session_moves_a_slider_presses_run_and_reads_the_result_and_an_error() -> None:
    with running_app() as server:
        asyncio.run(assert_answers(server.stream))
