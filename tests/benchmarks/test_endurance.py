"""The table of the endurance benchmark, and that sessions that come and go leave nothing."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.endurance import Endurance, Held, headings, rows, said
from tests.kit.server import running_app

HELD = Held(
    sessions=1_000,
    runs=2_000,
    server_bytes=200_000_000,
    zygote_bytes=30_000_000,
    descriptors=27,
    children=0,
    files=1,
)


def test_each_moment_has_a_row_with_a_cell_below_each_heading() -> None:
    (row,) = rows([HELD])
    assert row == ["1,000", "2,000", "200 MB", "30 MB", "27", "0", "1"]
    assert len(headings()) == len(row)


def test_wrong_answers_are_counted_and_named() -> None:
    assert said([]) == ["Wrong answers: 0."]
    assert said(["no chart"]) == ["Wrong answers: 1.", "- wrong: no chart"]


@pytest.mark.real
def test_sessions_that_come_and_go_leave_no_children_and_no_files(tmp_path: Path) -> None:
    with running_app(environment={"TMPDIR": str(tmp_path)}) as server:
        endurance = Endurance(server, tmp_path, sessions=5, runs=8)
        held = asyncio.run(endurance.go_on())
    assert endurance.faults == []
    assert [each.sessions for each in held] == [0, 0, 1, 2, 5]
    assert held[-1].runs == 8
    assert {(each.children, each.files) for each in held} == {(0, 0)}
