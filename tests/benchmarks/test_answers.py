"""What an answer of the app says: lanes, errors, lateness."""

import pandas as pd
import plotly.graph_objects as go
from streamlit.proto.Element_pb2 import Element

from benchmarks.answers import Expected, _late, faults, lanes
from benchmarks.sessions import Answer

EXPECTED = Expected(tasks=2, sleep_ms=200.0)


def figure(rows: int) -> str:
    drawn = go.Figure([go.Bar(name="ideal", y=list(range(rows))), go.Bar(name="waiting", y=[0])])
    text: str = drawn.to_json()
    return text


def answer(*elements: Element) -> Answer:
    return Answer(sent_s=0.0, elements=list(elements))


def chart(rows: int) -> Element:
    element = Element()
    element.plotly_chart.spec = figure(rows)
    return element


def test_the_lanes_of_a_chart_are_the_rows_of_its_ideal_schedule() -> None:
    assert lanes(figure(7)) == 7


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
    table = pd.DataFrame(
        {
            "job": [1, 1, 1, 2, 2],
            "state": ["waiting", "ready", "running", "waiting", "running"],
            "on": ["timer", "", "", "start", ""],
            "start (ms)": ["1.000", "201.000", "201.500", "0.000", "2.000"],
        }
    )
    assert _late(table, 200.0) == [0.5]
