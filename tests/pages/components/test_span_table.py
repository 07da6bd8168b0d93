from dataclasses import replace

import numpy as np

from core.recording.events import LaneKind, lane_code
from core.timeline.timeline import LOOP, On, State, Timeline
from pages.components.span_table import spans_frame
from tests.core.handmade import timeline


def run() -> Timeline:
    made = timeline(
        (0, State.WAITING, 0, 200),
        (0, State.RUNNING, 200, 201),
        (1, State.WORKING, 1, 150),
        wall_ms=201,
        lanes=[LOOP, LOOP, lane_code(LaneKind.THREAD, 2)],
    )
    spans = replace(made.spans, on=np.array([On.TIMER, 0, 0]), site=np.array([1, 0, 0]))
    return replace(made, spans=spans, sites=("core/workloads/sleep.py:14",))


def test_each_span_is_a_row_with_its_job_state_times_and_place() -> None:
    frame = spans_frame(run(), 200)
    assert list(frame.columns) == [
        "job",
        "state",
        "start (ms)",
        "end (ms)",
        "duration (ms)",
        "lane",
        "on",
        "where",
    ]
    assert frame.to_numpy().tolist() == [
        [
            1,
            "waiting",
            "0.000",
            "200.000",
            "200.000",
            "loop",
            "timer",
            r"core\/workloads\/sleep\.py\:14",
        ],
        [1, "running", "200.000", "201.000", "1.000", "loop", "", ""],
        [2, "working", "1.000", "150.000", "149.000", "thread-2", "", ""],
    ]


def test_only_the_first_rows_are_shown() -> None:
    assert len(spans_frame(run(), 2)) == 2


def test_a_run_without_spans_has_a_table_without_rows() -> None:
    frame = spans_frame(timeline(wall_ms=1), 200)
    assert len(frame) == 0
    assert "state" in frame.columns
