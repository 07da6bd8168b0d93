"""A session without a browser: the server hears what it sends, and it returns the answers."""

import asyncio
import json

import plotly.graph_objects as go
import pytest
from streamlit.proto.Element_pb2 import Element

from core.charts.axis import PlotAxes, noted
from core.text.language import NS_PER_MS
from tests.kit.server import running_app
from tests.kit.sessions import Answer, Expected, Session, faults, lanes, lateness_ms, session

FIGURES = 6

pytestmark = pytest.mark.real


async def assert_draws_runs_only(tab: Session) -> None:
    """Assert that a press of Run, and each look at what grows, spares the rest of the page."""
    tab.choose("gather sleep", "1.00 s")  # what takes less is drawn once, when it has ended
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


EXPECTED = Expected(tasks=2, sleep_ms=200.0)


def bars(name: str, *, row: list[int], start_ms: list[float]) -> go.Bar:
    return go.Bar(name=name, y=row, base=start_ms, orientation="h")


def figure(rows: int, *measured: go.Bar) -> str:
    outline = bars("ideal", row=list(range(rows)), start_ms=[0.0] * rows)
    drawn = go.Figure([outline, *measured])
    drawn.layout.meta = noted({"x y": PlotAxes(unit_ns=NS_PER_MS)})
    text: str = drawn.to_json()
    return text


def answer(*elements: Element) -> Answer:
    return Answer(sent_s=0.0, elements=list(elements))


def chart(rows: int, *measured: go.Bar) -> Element:
    element = Element()
    element.plotly_chart.spec = figure(rows, *measured)
    return element


def test_the_lanes_of_a_chart_are_the_rows_of_its_ideal_schedule() -> None:
    assert lanes(json.loads(figure(7))) == 7


def test_another_ones_chart_is_a_fault() -> None:
    assert faults(answer(chart(2)), EXPECTED) == []
    assert faults(answer(chart(3)), EXPECTED) == ["3 lanes instead of 2"]
    assert faults(answer(), EXPECTED) == ["no chart"]


def test_an_exception_and_an_error_are_faults() -> None:
    broken, refused = Element(), Element()
    broken.exception.type, broken.exception.message = "ValueError", "x"
    refused.alert.body, refused.alert.format = "too long", refused.alert.ERROR
    assert faults(answer(chart(2), broken, refused), EXPECTED) == [
        "exception: ValueError: x",
        "alert: too long",
    ]


def test_a_sleep_is_as_late_as_its_job_runs_again_after_the_timer_was_due() -> None:
    waits = bars("waiting", row=[0, 0, 1, 1], start_ms=[0.5, 1.0, 0.5, 2.0])
    runs = bars("running", row=[0, 0, 1], start_ms=[0.75, 201.5, 0.75])
    long = bars("blocking", row=[1], start_ms=[202.0])
    ready = bars("ready", row=[0, 1], start_ms=[201.25, 201.75])
    assert lateness_ms(answer(chart(2, waits, ready, runs, long)), EXPECTED) == [0.5, 0.0]


def test_a_whole_run_must_show_what_all_of_its_jobs_did() -> None:
    waits = bars("waiting", row=[0], start_ms=[1.0])
    figures = Element()
    figures.metric.label = "wall time"
    growing, whole = answer(chart(2, waits)), answer(chart(2, waits), figures)
    assert faults(growing, EXPECTED) == []
    assert faults(whole, EXPECTED) == ["1 lanes instead of 2"]
