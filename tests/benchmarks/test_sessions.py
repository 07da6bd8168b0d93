"""A session without a browser: what it sends is heard, what it hears is told."""

import asyncio

import pytest

from benchmarks.server import running_app
from benchmarks.sessions import session
from core.exports import EXPORTS

pytestmark = pytest.mark.real


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
        assert len(answer.of("download_button")) == len(EXPORTS)
        tab.put("gather tasks").bool_value = True
        assert len((await tab.rerun()).exceptions) == 1


def test_a_session_moves_a_slider_presses_run_and_reads_the_result_and_an_error() -> None:
    with running_app() as server:
        asyncio.run(assert_answers(server.stream))
