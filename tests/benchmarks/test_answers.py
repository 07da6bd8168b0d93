"""What an answer of the app says: lanes, errors, lateness."""

import json

import plotly.graph_objects as go
from streamlit.proto.Element_pb2 import Element

from benchmarks.answers import Expected, faults, lanes, lateness_ms
from benchmarks.sessions import Answer
from core.charts.boxes import Place, noted
from core.text.numbers import NS_PER_MS

EXPECTED = Expected(tasks=2, sleep_ms=200.0)


def bars(name: str, *, row: list[int], start_ms: list[float]) -> go.Bar:
    return go.Bar(name=name, y=row, base=start_ms, orientation="h")


def figure(rows: int, *measured: go.Bar) -> str:
    outline = bars("ideal", row=list(range(rows)), start_ms=[0.0] * rows)
    drawn = go.Figure([outline, *measured])
    drawn.layout.meta = noted({"x y": Place(unit_ns=NS_PER_MS)})
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
