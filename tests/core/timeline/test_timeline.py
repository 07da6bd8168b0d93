"""What a timeline says in addition to its columns."""

import inspect
from dataclasses import replace

import pytest

from core.patterns import PATTERNS
from core.recording.events import LaneKind, lane_code
from core.spec.program import code_digest
from core.timeline.timeline import BLOCKING_NS, LOOP, Outcome, State
from tests.kit.handmade import MS, timeline

SECOND_THREAD = lane_code(LaneKind.THREAD, 2)


def test_a_run_ends_with_its_pattern_or_with_its_last_job() -> None:
    within = timeline((0, State.RUNNING, 0, 5), wall_ms=8)
    beyond = timeline((0, State.RUNNING, 0, 9), wall_ms=8)
    assert (within.end_ns, beyond.end_ns) == (8 * MS, 9 * MS)


def test_a_run_without_jobs_ends_with_its_pattern() -> None:
    assert timeline(wall_ms=3).end_ns == 3 * MS


def test_steps_of_the_clean_up_are_not_steps_of_the_run() -> None:
    run = timeline((0, State.RUNNING, 0, 4), wall_ms=6, steps_ms=[(0, 4), (5, 7), (8, 90)])
    assert run.steps_of_run.start_ns.tolist() == [0, 5 * MS]
    assert run.steps_of_run.end_ns.tolist() == [4 * MS, 6 * MS]


def test_only_lanes_that_did_work_are_worker_lanes() -> None:
    run = timeline(
        (0, State.WORKING, 0, 4),
        (1, State.RUNNING, 0, 4),
        wall_ms=5,
        lanes=[SECOND_THREAD, LOOP],
    )
    assert run.worker_lanes == ("thread-2",)
    assert [run.lane_name(span) for span in range(2)] == ["thread-2", "loop"]


@pytest.mark.parametrize("site", [-1, 0, 1, 99])
def test_a_site_that_is_not_known_has_no_name(site: int) -> None:
    assert timeline(wall_ms=1).site_name(site) is None


def test_a_site_is_a_line_of_code_where_the_run_was_measured_with_the_code_of_today() -> None:
    function = PATTERNS["gather"].function
    (offset,) = [
        offset
        for offset, line in enumerate(inspect.getsourcelines(function)[0])
        if "return" in line
    ]
    place = f"core/patterns/gather.py:{function.__code__.co_firstlineno + offset}"
    run = timeline(wall_ms=1)
    assert run.spec is not None
    run = replace(run, sites=(place, "library.py:1"), code=code_digest(run.spec))
    assert run.code_at(1) == "`return await asyncio.gather(*tasks)`"
    assert run.code_at(2) == "library.py:1"
    assert run.code_at(3) is None
    assert replace(run, code="").code_at(1) == place
    assert replace(run, code="00000000").code_at(1) == place


def test_only_a_running_span_of_ten_milliseconds_or_more_is_blocking() -> None:
    run = timeline(
        (0, State.RUNNING, 0, 9),
        (1, State.RUNNING, 0, 10),
        (2, State.WAITING, 0, 50),
        wall_ms=50,
    )
    assert BLOCKING_NS == 10 * MS
    assert run.spans.is_blocking.tolist() == [False, True, False]


def test_every_state_and_outcome_has_its_word_in_the_run_file() -> None:
    assert {state.word for state in State} == {
        "queued",
        "ready",
        "running",
        "waiting",
        "working",
    }
    assert {str(outcome) for outcome in Outcome} == {"ok", "failed", "cancelled", "lost"}


def test_a_run_counts_its_columns_and_its_texts_as_memory() -> None:
    run = timeline(*((job, State.RUNNING, job, job + 1) for job in range(100)), wall_ms=100)
    columns = 100 * 8 * (6 + 9)
    assert columns < run.size_bytes < 3 * columns
    larger = replace(run, results=("x" * 10_000,), error=None)
    assert 10_000 <= larger.size_bytes - run.size_bytes <= 10_200
