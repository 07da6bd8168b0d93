"""The trace of Chrome: checked against the rules of its format."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given

from core.exports.chrome import chrome_trace
from core.patterns import PATTERNS
from core.recording.events import LaneKind, lane_code, lane_name
from core.timeline.timeline import LOOP, Cause, State, Timeline
from tests.kit.handmade import timeline
from tests.kit.lives import timelines as any_timelines
from tests.kit.programs import Program, Run, programs
from tests.kit.quiet import quiet
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import VirtualClock, run_here, run_virtually


def traced(*timelines: Timeline) -> list[dict[str, Any]]:
    """Return the events of a trace that keeps the rules."""
    trace = json.loads(chrome_trace(timelines))
    assert set(trace) == {"displayTimeUnit", "traceEvents"}
    events: list[dict[str, Any]] = trace["traceEvents"]
    assert_valid(events)
    return events


def assert_valid(events: list[dict[str, Any]]) -> None:
    """Check what the format asks of each phase of event."""
    for event in events:
        assert isinstance(event["name"], str)
        assert isinstance(event["pid"], int)
        assert isinstance(event["tid"], int)
        assert event["ph"] in set("MXbesf")
        if event["ph"] != "M":
            assert event["cat"]
            assert isinstance(event["ts"], int | float)
    named = {(event["pid"], event["tid"]) for event in events if event["name"] == "thread_name"}
    assert {(event["pid"], event["tid"]) for event in events if event["ph"] in "Xsf"} <= named
    assert_async_nested(events)
    assert_slices_nested(events)
    assert_flows_bound(events)


def assert_async_nested(events: list[dict[str, Any]]) -> None:
    """Check that those of one id lie in one another, for readers by time and by the file's order.

    Of equal times the one that stands first in the file came first.
    """
    in_file = [event for event in events if event["ph"] in "be"]
    for in_order in (in_file, sorted(in_file, key=lambda event: event["ts"])):
        open_: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for event in in_order:
            own = open_.setdefault(identity(event), [])
            if event["ph"] == "b":
                own.append(event)
                assert len(own) <= 2
                continue
            begun = own.pop()
            assert begun["name"] == event["name"]
            assert begun["ts"] <= event["ts"]
        assert not any(open_.values())


def identity(event: dict[str, Any]) -> tuple[Any, ...]:
    return event["pid"], event["cat"], event["id2"]["local"]


def assert_slices_nested(events: list[dict[str, Any]]) -> None:
    """Check that slices of one track lie in one another or apart."""
    tracks: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for event in events:
        if event["ph"] == "X":
            start, length = round(event["ts"] * 1000), round(event["dur"] * 1000)
            assert length >= 0
            tracks.setdefault((event["pid"], event["tid"]), []).append((start, start + length))
    for slices in tracks.values():
        ends: list[int] = []
        for start, end in sorted(slices, key=lambda each: (each[0], -each[1])):
            while ends and ends[-1] <= start:
                ends.pop()
            assert not ends or end <= ends[-1]
            ends.append(end)


def assert_flows_bound(events: list[dict[str, Any]]) -> None:
    """Check that each flow begins and ends once, in slices, and never goes back in time."""
    slices = [event for event in events if event["ph"] == "X"]
    flows: dict[int, dict[str, dict[str, Any]]] = {}
    for event in events:
        if event["ph"] in "sf":
            assert event["ph"] not in flows.setdefault(event["id"], {})
            flows[event["id"]][event["ph"]] = event
            assert any(
                each["tid"] == event["tid"]
                and each["pid"] == event["pid"]
                and each["ts"] <= event["ts"] <= each["ts"] + each["dur"]
                for each in slices
            )
    for ends in flows.values():
        assert ends["s"]["ts"] <= ends["f"]["ts"]
        assert ends["f"]["bp"] == "e"


def test_each_run_is_a_process_and_each_worker_a_thread() -> None:
    work = State.WORKING
    made = timeline((0, work, 0, 2), (1, work, 0, 3), wall_ms=3, lanes=[7, 12], pattern="threads")
    names = [
        (event["name"], event["pid"], event["args"]["name"])
        for event in traced(run_sleeping("gather", 1).timeline, made)
        if event["name"] in ("process_name", "thread_name")
    ]
    assert names == [
        ("process_name", 1, "gather"),
        ("thread_name", 1, "loop"),
        ("process_name", 2, "threads"),
        ("thread_name", 2, "loop"),
        ("thread_name", 2, "thread-1"),
        ("thread_name", 2, "thread-2"),
    ]


def test_times_are_microseconds_to_the_nanosecond() -> None:
    events = traced(run_sleeping("gather", 1, sleep_s=0.001).timeline)
    states = [
        (event["name"], event["ts"], event["ph"])
        for event in events
        if event["ph"] in "be" and event["name"] in ("waiting", "job 1")
    ]
    jobs = run_sleeping("gather", 1, sleep_s=0.001).timeline.jobs
    assert states[0] == ("job 1", jobs.created_ns[0] / 1000, "b")
    assert states[-1] == ("job 1", jobs.ended_ns[0] / 1000, "e")


def test_a_flow_leads_from_the_job_that_failed_to_those_that_it_cancelled() -> None:
    ran = run_sleeping("task_group", 3, failing=1)
    flows = [event for event in traced(ran.timeline) if event["ph"] in "sf"]
    assert [event["ph"] for event in flows] == ["s", "f", "s", "f"]
    failed_us = ran.timeline.jobs.ended_ns[0] / 1000
    assert all(event["ts"] <= failed_us for event in flows if event["ph"] == "s")


def test_work_stands_on_its_threads_track() -> None:
    ran = run_here(PATTERNS["threads"], lambda index: index, 2)
    slices = [event for event in traced(ran.timeline) if event.get("cat") == "working"]
    assert {event["name"] for event in slices} == {"job 1", "job 2"}
    assert all(event["args"]["cpu_ns"] >= 0 for event in slices)


def test_a_long_step_says_its_cause_where_it_is_known() -> None:
    made = timeline((0, State.RUNNING, 0, 20), wall_ms=21, steps_ms=[(0, 20), (20, 21)])
    caused = replace(
        made,
        spans=replace(made.spans, cause=np.array([Cause.COLLECTION])),
        steps=replace(made.steps, cause=np.array([Cause.COLLECTION, Cause.NOT_KNOWN])),
    )
    causes = [event.get("args", {}).get("cause") for event in traced(caused) if event["ph"] == "X"]
    assert causes == ["collection", None, "collection"]


def test_a_job_that_ends_with_its_last_state_stands_around_it_in_the_file() -> None:
    made = timeline(
        (0, State.RUNNING, 0, 2), (1, State.READY, 0, 2), (1, State.RUNNING, 2, 3), wall_ms=3
    )
    in_file = [(event["ph"], event["name"]) for event in traced(made) if event["ph"] in "be"]
    assert in_file == [
        *(("b", "job 1"), ("b", "running"), ("e", "running"), ("e", "job 1")),
        *(("b", "job 2"), ("b", "ready"), ("e", "ready")),
        *(("b", "running"), ("e", "running"), ("e", "job 2")),
    ]


def test_states_and_jobs_without_a_length_nest_too() -> None:
    made = timeline(
        (0, State.READY, 1, 1), (0, State.RUNNING, 1, 1), (1, State.RUNNING, 1, 1), wall_ms=1
    )
    assert len([event for event in traced(made, made) if event["ph"] in "be"]) == 20


def test_the_steps_of_each_loop_stand_on_its_own_track() -> None:
    second = lane_code(LaneKind.LOOP, 2)
    made = timeline((0, State.RUNNING, 0, 2), wall_ms=3, steps_ms=[(0, 2), (1, 3)])
    of_two = replace(made, steps=replace(made.steps, lane=np.array([LOOP, second])))
    events = traced(of_two)
    names = {
        event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"
    }
    steps = [names[event["tid"]] for event in events if event["name"] == "step"]
    assert steps == ["loop", lane_name(second)]


@given(programs())
def test_the_trace_of_any_program_keeps_the_rules(program: Program) -> None:
    clock = VirtualClock()
    run = Run(program, clock=clock)
    with quiet(run.forget):
        ran = run_virtually(run.pattern, run.workload, 1, clock=clock)
    assert traced(ran.timeline)


@given(any_timelines())
def test_any_timeline_can_be_traced(timeline: Timeline) -> None:
    events = json.loads(chrome_trace([timeline, timeline]))["traceEvents"]
    assert events
    assert_async_nested(events)
