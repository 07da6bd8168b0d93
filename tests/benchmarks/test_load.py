"""The table of the load benchmark: what was seen, in numbers that add up."""

import math
import os
import time
from pathlib import Path

import pytest

from benchmarks import load
from benchmarks.load import (
    Cost,
    Seen,
    comparison,
    cost_text,
    crowd_text,
    headings,
    percentile,
    rows,
    waits_ms,
)
from tests.kit.server import Server

OURS = Seen(
    sessions=2,
    active_s=10.0,
    runs=5,
    reruns_s=[0.010, 0.020, 0.030],
    late_ms=[0.5, 1.5],
    waits_ms=[2.0],
)
THEIRS = Seen(sessions=2, active_s=10.0, runs=1, reruns_s=[0.4, 0.4, 0.4], faults=["no chart"])


def test_each_audience_has_a_column() -> None:
    table = rows([OURS, THEIRS])
    assert {len(row) for row in table} == {len(headings())}
    cells = {name: texts for name, *texts in table}
    assert cells["reruns a second"] == ["0.3", "0.3"]
    assert cells["runs a second"] == ["0.5", "0.1"]
    assert cells["a rerun, asked to finished, p50"] == ["20.0 ms", "400.0 ms"]
    assert cells["of them wrong"] == ["0", "1"]


def test_the_columns_are_compared_and_what_was_wrong_is_named() -> None:
    assert comparison([OURS, THEIRS]) == [
        "A rerun takes 20.0 times as long with the collection, at p50.",
        "- wrong: no chart",
    ]


def test_a_percentile_of_one_value_is_that_value_and_of_none_is_no_number() -> None:
    assert percentile([3.0], 99) == 3.0
    assert math.isnan(percentile([], 50))
    assert percentile([float(number) for number in range(101)], 99) == 99.0


def test_the_text_about_a_crowd_counts_its_wrong_answers() -> None:
    assert crowd_text(THEIRS) == "2 sessions at once: 3 answers, of them wrong: 1."


def test_the_cost_of_a_run_is_what_the_server_used_divided_by_the_runs() -> None:
    slices = [
        Cost(sessions=10, tasks=5, runs=100, reruns=200, processor_s=used_s)
        for used_s in (2.0, 1.5, 9.0)
    ]
    text = cost_text(slices)
    assert "a run of 5 jobs: 20.0 ms (median of 3 slices of time, least 15.0 ms; " in text
    assert "300 runs, 2.0 reruns for each" in text


def test_where_no_run_has_ended_there_is_no_cost_of_one() -> None:
    text = cost_text([Cost(sessions=10, tasks=5, runs=0, reruns=0, processor_s=4.0)])
    assert "5 jobs: nan ms" in text
    assert "nan reruns" in text


def test_the_processor_time_of_a_server_is_that_of_its_process() -> None:
    server = Server(address="", pid=os.getpid(), log=Path())
    before_s, lower_s = server.processor_s(), time.process_time()
    while time.process_time() - lower_s < 0.1:
        pass
    upper_s = time.process_time()
    assert server.processor_s() > before_s
    assert server.processor_s() == pytest.approx(upper_s, abs=0.05)


def test_waits_are_read_from_the_log_and_other_lines_passed_over() -> None:
    log = [
        b'{"event": "run", "waited_ms": 1.5, "outcome": "ok"}\n',
        b"Traceback (most recent call last):\n",
        b'{"event": "start"}\n',
        b"[1, 2]\n",
        b'{"event": "run", "waited_ms": 0, "outcome": "RunStopped"}\n',
    ]
    assert waits_ms(log) == [1.5, 0.0]


pytestmark = pytest.mark.real


def test_a_few_sessions_get_their_own_answers(capsys: pytest.CaptureFixture[str]) -> None:
    load.main(["--sessions", "2", "--seconds", "2", "--crowd", "5", "--slices", "1"])
    printed = capsys.readouterr().out
    assert "- wrong:" not in printed
    assert "5 sessions at once: " in printed
    assert "nan" not in printed
