"""The run file, schema 1: the contract with everything outside."""

import asyncio
import gzip
import io
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.patterns import PATTERNS
from core.runfile import (
    comparison_object,
    dump,
    dump_packed,
    job_name,
    run_object,
    write,
    writer,
)
from core.timeline.timeline import Timeline
from core.workloads.sleep import sleep
from tests.kit.lives import timelines
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import run_here, run_virtually, site_of

RUN_KEYS = {
    "schema",
    "spec",
    "python",
    "wall_ns",
    "ideal_ns",
    "recording_ns",
    "dropped_events",
    "dropped_lines",
    "dropped_results",
    "memory_before_bytes",
    "memory_peak_bytes",
    "jobs",
    "loop",
    "results",
    "log",
    "start_method",
    "lanes",
    "clock_uncertainty_ns",
    "silent_ns",
    "disturbed_ns",
}
SPEC_KEYS = {"pattern", "workload", "tasks", "sleep_s", "executor", "workers"}
JOB_KEYS = {
    "id",
    "name",
    "outcome",
    "error",
    "result",
    "attempts",
    "created_ns",
    "ended_ns",
    "spans",
}
SPAN_KEYS = {"state", "start_ns", "end_ns", "lane", "where", "on", "cpu_ns"}


def written(timeline: Any) -> dict[str, Any]:
    """Return a run as it is after its way through a file."""
    run: dict[str, Any] = json.loads(dump([timeline]))
    return run


def test_the_keys_of_schema_1_are_all_there() -> None:
    run = written(run_sleeping("gather", 3).timeline)
    assert run["schema"] == "loopscope/run@1"
    assert set(run) >= RUN_KEYS
    assert set(run["spec"]) >= SPEC_KEYS
    assert set(run["loop"]) >= {"busy_ns", "longest_step_ns", "worst_lateness_ns"}
    for job in run["jobs"]:
        assert set(job) >= JOB_KEYS
        for span in job["spans"]:
            assert set(span) >= SPAN_KEYS


def test_a_job_is_told_with_its_spans_in_order() -> None:
    job = written(run_sleeping("gather", 2).timeline)["jobs"][1]
    assert (job["id"], job["name"], job["outcome"], job["result"]) == (1, "job 2", "ok", "job 2")
    assert [(span["state"], span["lane"], span["on"]) for span in job["spans"]] == [
        ("waiting", "loop", "start"),
        ("ready", "loop", None),
        ("running", "loop", None),
        ("waiting", "loop", "timer"),
        ("ready", "loop", None),
        ("running", "loop", None),
    ]
    assert job["spans"][3]["where"] == site_of(sleep, "await")
    assert job["spans"][0]["start_ns"] == job["created_ns"]
    assert job["spans"][-1]["end_ns"] == job["ended_ns"]


def test_times_are_whole_numbers() -> None:
    run = written(run_sleeping("sequential", 2).timeline)
    times = [run["wall_ns"], run["ideal_ns"], run["recording_ns"]]
    times += [
        span[key] for job in run["jobs"] for span in job["spans"] for key in ("start_ns", "end_ns")
    ]
    assert {type(time) for time in times} == {int}


def test_a_failure_is_told_in_the_letters_it_was_written_in() -> None:
    async def job(index: int) -> None:
        await asyncio.sleep(0)
        raise ValueError("실패")

    timeline = run_virtually(PATTERNS["gather"], job, 1).timeline
    assert written(timeline)["jobs"][0]["error"] == {"type": "ValueError", "message": "실패"}
    assert written(timeline)["error"] == {"type": "ValueError", "message": "실패"}
    assert "실패" in dump([timeline]).decode()


@pytest.mark.parametrize("name", ["blocking_loop", "threads"])
def test_work_is_told_with_its_lane_and_its_cpu_time(name: str) -> None:
    run = written(run_here(PATTERNS[name], lambda index: index, 1).timeline)
    work = run["jobs"][0]["spans"][-1]
    assert work["state"] == "working"
    assert work["lane"] == ("main" if name == "blocking_loop" else "thread-1")
    assert work["cpu_ns"] >= 0


def test_a_comparison_holds_its_runs_in_order() -> None:
    several = [run_sleeping("gather", count).timeline for count in (1, 2)]
    comparison: Any = comparison_object(several)
    assert comparison["schema"] == "loopscope/comparison@1"
    assert [len(run["jobs"]) for run in comparison["runs"]] == [1, 2]


@given(timelines(), st.integers(1, 3))
def test_a_file_written_in_blocks_is_the_same_to_the_byte_as_one_written_at_once(
    timeline: Timeline, at_once: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(writer, "JOBS_AT_ONCE", at_once)
        patched.setattr(writer, "NUMBERS_AT_ONCE", at_once)
        assert dump([timeline]) == msgspec.json.encode(run_object(timeline))
        assert saved(timeline) == dump([timeline]) + b"\n"
        both = comparison_object([timeline, timeline])
        assert dump([timeline, timeline]) == msgspec.json.encode(both)
        assert saved(timeline, timeline) == dump([timeline, timeline]) + b"\n"


@given(timelines())
def test_a_compressed_file_is_the_same_when_it_is_inflated(timeline: Timeline) -> None:
    assert gzip.decompress(saved(timeline, pack=True)) == saved(timeline)
    assert gzip.decompress(dump_packed([timeline])) == dump([timeline])
    assert dump_packed([timeline]) == dump_packed([timeline])


def test_a_comparison_of_one_run_is_still_a_comparison() -> None:
    file = io.BytesIO()
    write([run_sleeping("gather", 1).timeline], file, several=True)
    assert json.loads(file.getvalue())["schema"] == "loopscope/comparison@1"


def saved(*timelines: Timeline, pack: bool = False) -> bytes:
    """Return what stands in the file of some runs."""
    file = io.BytesIO()
    write(timelines, file, several=len(timelines) > 1, pack=pack)
    return file.getvalue()


def test_jobs_are_named_from_1() -> None:
    assert job_name(0) == "job 1"
