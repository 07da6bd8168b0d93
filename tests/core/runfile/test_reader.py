"""Run files read back: what is equal, and what is refused."""

import contextlib
import gzip
import json
import math
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import runfile
from core.analysis.findings_text import findings_text
from core.analysis.summary import explain
from core.errors import BadFile
from core.patterns import PATTERNS
from core.runfile import Room, reader, room_within
from core.spec.limits import LIMITS
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State, Timeline
from tests.core.runfile.same import assert_same
from tests.kit.handmade import spec_of, timeline
from tests.kit.laws import assert_laws
from tests.kit.lives import timelines
from tests.kit.programs import Program, Run, programs
from tests.kit.quiet import quiet
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import VirtualClock, run_here, run_virtually

R, W = State.RUNNING, State.WAITING
TWO = timeline(
    (0, W, 0, 5), (0, R, 5, 6), (1, W, 0, 7), (1, R, 7, 9), wall_ms=9, steps_ms=[(5, 6), (7, 9)]
)

TWO_IN_JSON = runfile.dump([TWO])


def reread(timeline: Timeline) -> Timeline:
    """Return a timeline after its way through a file."""
    (found,) = runfile.load(runfile.dump([timeline]))
    return found


def changed(*path: str | int, to: Any) -> bytes:
    """Return a file of two good jobs with one value changed."""
    value: Any = json.loads(runfile.dump([TWO]))
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return json.dumps(value).encode()


def refusal(text: str | bytes) -> str:
    """Return what is said against a file."""
    with pytest.raises(BadFile) as caught:
        runfile.load(text)
    return str(caught.value)


@given(programs())
def test_what_any_program_left_comes_back_equal(program: Program) -> None:
    clock = VirtualClock()
    run = Run(program, clock=clock)
    with quiet(run.forget):
        ran = run_virtually(run.pattern, run.workload, 1, clock=clock)
    assert_same(reread(ran.timeline), ran.timeline)


@given(timelines())
def test_any_timeline_comes_back_equal(timeline: Timeline) -> None:
    assert_same(reread(timeline), timeline)


@pytest.mark.parametrize("name", ["blocking_loop", "threads"])
def test_work_in_threads_comes_back_equal(name: str) -> None:
    ran = run_here(PATTERNS[name], lambda index: index, 3)
    assert_same(reread(ran.timeline), ran.timeline)


def test_a_comparison_comes_back_in_order() -> None:
    several = [run_sleeping(name, 3).timeline for name in ("sequential", "gather")]
    found = runfile.load(runfile.dump(several))
    for one, other in zip(found, several, strict=True):
        assert_same(one, other)


def test_plain_data_comes_back_equal_too() -> None:
    several = [run_sleeping("gather", count).timeline for count in (1, 2)]
    (alone,) = runfile.timelines_of(runfile.run_object(several[0]))
    assert_same(alone, several[0])
    assert len(runfile.timelines_of(runfile.comparison_object(several))) == 2


def test_both_ways_of_writing_say_the_same() -> None:
    timeline = run_sleeping("gather", 3).timeline
    assert json.loads(runfile.dump([timeline])) == runfile.run_object(timeline)
    assert_same(runfile.load(runfile.dump([timeline]).decode())[0], timeline)


LATER = (
    *("sites", "span_sites", "span_wakers", "steps", "finished", "loop", "gil", "cpu_ns"),
    *("served", "start_method", "lanes", "clock_uncertainty_ns", "error", "startup_ns"),
    *("silent_ns", "disturbed_ns", "span_causes"),
)


def test_a_file_with_the_first_keys_only_is_read_with_its_places() -> None:
    timeline = run_sleeping("gather", 2).timeline
    value: Any = runfile.run_object(timeline)
    for key in LATER:
        del value[key]
    (found,) = runfile.timelines_of(value)
    names = [timeline.site_name(int(site)) for site in timeline.spans.site]
    assert [found.site_name(int(site)) for site in found.spans.site] == names
    assert found.spans.start_ns.tolist() == timeline.spans.start_ns.tolist()
    assert len(found.steps) == 0


def test_a_mark_at_the_beginning_as_editors_write_it_does_no_harm() -> None:
    assert_same(runfile.load(b"\xef\xbb\xbf" + runfile.dump([TWO]))[0], TWO)


def test_keys_of_a_later_version_are_passed_over() -> None:
    assert_same(runfile.load(changed("moon", to={"phase": 1}))[0], TWO)
    assert_same(runfile.load(changed("spec", "moon", to=1))[0], TWO)


def test_a_run_of_a_larger_machine_is_read() -> None:
    spec = RunSpec(pattern="gather", tasks=LIMITS.tasks, sleep_s=LIMITS.sleep_s * 10)
    assert reread(timeline((0, R, 0, 1), wall_ms=1, spec=spec)).spec == spec


def test_a_run_may_have_as_many_tasks_as_it_has_jobs_and_claim_no_more_than_may_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = replace(LIMITS, tasks=2)
    monkeypatch.setattr(reader, "LIMITS", few)
    monkeypatch.setattr(reader, "LAPTOP", few)
    spans = [(job, R, job, job + 1) for job in range(3)]
    assert spec_of(reread(timeline(*spans, wall_ms=3))).tasks == 3
    claiming = timeline(spans[0], wall_ms=3, spec=RunSpec(pattern="gather", tasks=3, sleep_s=1))
    said = "spec: tasks is 3; it must be at most 2, or the number of jobs, which is 1"
    assert refusal(runfile.dump([claiming])) == said
    fewer = replace(claiming, program=replace(spec_of(claiming), tasks=2))
    assert spec_of(reread(fewer)).tasks == 2


def test_a_million_tasks_of_which_three_were_made_are_refused() -> None:
    assert refusal(changed("spec", "tasks", to=1_000_000)) == (
        "spec: tasks is 1,000,000; it must be at most 100,000, or the number of jobs, which is 2"
    )


@pytest.mark.parametrize(
    "text", [b"[1,1,1]", b'["a","b","c"]', b"[{},[],2]", b'{"a":1,"b":2,"c":3}']
)
def test_a_file_of_more_values_than_there_is_room_for_is_refused_before_any_is_made(
    text: bytes,
) -> None:
    room = Room(bytes=1_000, values=2)
    with pytest.raises(BadFile, match=r"^it holds about \d values; at most 2 can be read here$"):
        runfile.load(text, room)


@pytest.mark.parametrize("text", [b'"ab"', b'""', b'"\\\\"', b'"\\"\\\\"', b'"\\u0022"'])
@pytest.mark.parametrize(("key", "most"), [("results", "2,000,000"), ("sites", "1,000,000")])
def test_a_list_of_far_too_many_texts_is_refused_before_any_is_made(
    key: str, most: str, text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = runfile.run_object(TWO) | {key: ["HERE"]}
    whole = json.dumps(value).encode().replace(b'"HERE"', b",".join([text] * 4_100_000))
    monkeypatch.setattr(reader, f"{key.title()}List", None)
    said = rf"^{key}: it has at least [1-4],\d{{3}},\d{{3}} entries; it must have at most {most}$"
    with pytest.raises(BadFile, match=said):
        runfile.load(whole, Room(bytes=1 << 30, values=10**9))


@pytest.mark.parametrize("texts", [["\\"], ['"', '\\"', "\\\\"], ['a,"b",', ""], [",", '"' * 9]])
def test_results_with_quotes_and_backslashes_come_back_equal(texts: list[str]) -> None:
    value = runfile.run_object(TWO) | {"results": texts, "dropped_results": 0}
    assert list(runfile.timelines_of(value)[0].results) == texts


def test_room_is_as_much_as_memory_allows_and_never_more_than_for_any_run() -> None:
    assert room_within(200_000_000) == Room(bytes=25_000_000, values=1_000_000)
    assert room_within(math.inf) == Room(
        bytes=reader.MAX_FILE_MIB << 20, values=LIMITS.events * reader.VALUES_AN_EVENT
    )
    assert_same(runfile.load(TWO_IN_JSON, room_within(10**6))[0], TWO)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1, column 1: the file ends here, and should go on"),
        ('{"schema": "loopscope/run@1",\n "spec": {', "line 2, column 11: the file ends here, and"),
        ('{"schema":\n "loopscope/run@1" 5}', "line 2, column 20: JSON is malformed: expected ','"),
        ('{"wall_ns": NaN}', "line 1, column 13: JSON is malformed: invalid character"),
        (b'{"schema": "\xff"}', "line 1, column 13: it is not written in UTF-8"),
        ("[1]", "Expected `object`, got `array`"),
        ("{}", "Object missing required field `schema`"),
        ('{"schema": 1}', "schema: Expected `str`, got `int`"),
        (
            '{"schema": "x\\ny"}',
            "schema: it is 'x\\ny'; it must be loopscope/run@1 or loopscope/co",
        ),
        ('{"schema": "loopscope/run@1"}', "Object missing required field `spec`"),
        ('{"schema": "loopscope/comparison@1", "runs": []}', "runs: there are 0; there must be"),
        ('{"a": ' + "[" * 3_000_000, "it is nested too deeply"),
        (b"\x1f\x8b\x08\x00", "it is compressed, and damaged or cut off"),
    ],
)
def test_what_is_no_run_file_is_refused_with_the_line_or_the_key(
    text: str | bytes, said: str
) -> None:
    assert refusal(text).startswith(said)


SPAN = ("jobs", 1, "spans", 1)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("wall_ns",), -1, "wall_ns: Expected `int` >= 0"),
        (("wall_ns",), 2**70, "wall_ns: Expected `int` <= 86400000000000"),
        (("wall_ns",), 1.5, "wall_ns: Expected `int`, got `float`"),
        (("wall_ns",), True, "wall_ns: Expected `int`, got `bool`"),
        (("jobs",), {}, "jobs: Expected `array`, got `object`"),
        (("results",), [1], "results[0]: Expected `str`, got `int`"),
        (("served",), {"x": "y"}, "served[...]: Expected `int`, got `str`"),
        (("spec", "pattern"), "x", "spec: pattern is 'x'; it must be one of sequential, create_t"),
        (("spec", "tasks"), 10**9, "spec: tasks is 1000000000; it must be at most 1,000,000, so"),
        (("spec", "sleep_s"), "1", "spec: sleep is '1'; it must be a number of seconds"),
        (("spec",), {"tasks": 1}, "spec: the key pattern is missing"),
        (("jobs", 1, "id"), 0, "jobs[1].id: it is 0; it must be larger than that of the job"),
        (("jobs", 0, "id"), 5, "jobs[1].id: it is 1; it must be larger than that of the job"),
        (("jobs", 1, "outcome"), "fine", "jobs[1].outcome: Invalid enum value 'fine'"),
        (("jobs", 1, "spans"), [], "span_sites: it has 4 entries; it must have 2"),
        (("jobs", 1, "created_ns"), 1, "jobs[1].spans[0].start_ns: it is 0; it must be 1, with"),
        (("jobs", 1, "ended_ns"), 1, "jobs[1].spans[1].end_ns: it is 9,000,000; it must be 1, w"),
        ((*SPAN, "state"), "idle", "jobs[1].spans[1].state: Invalid enum value 'idle'"),
        ((*SPAN, "start_ns"), -7, "jobs[1].spans[1].start_ns: Expected `int` >= 0"),
        (
            (*SPAN, "start_ns"),
            7_000_001,
            "jobs[1].spans[1].start_ns: it is 7,000,001; it must be 7",
        ),
        (
            (*SPAN, "start_ns"),
            6_999_999,
            "jobs[1].spans[1].start_ns: it is 6,999,999; it must be 7",
        ),
        ((*SPAN, "end_ns"), 7_000_000, "jobs[1].spans[1].end_ns: it is 7,000,000; it must come af"),
        ((*SPAN, "lane"), "moon-1", "jobs[1].spans[1].lane: it is 'moon-1'; it must be loop, main"),
        ((*SPAN, "lane"), "thread-1", "jobs[1].spans[1].lane: it must be loop where the state is"),
        ((*SPAN, "on"), "timer", "jobs[1].spans[1].on: it must be null where the state is not w"),
        (("lanes",), {"thread-x": "here"}, "lanes: it is 'thread-x'; it must be loop, main"),
        (("span_sites",), [0], "span_sites: it has 1 entries; it must have 4"),
        (("span_sites",), [0, 0, 0, 9], "span_sites[3]: it is 9; sites has 0 entries"),
        (("span_wakers",), [0] * 5, "span_wakers: it has 5 entries; it must have 4"),
        (
            ("span_causes",),
            {"place": [4], "cause": ["gil"]},
            "span_causes.place: it is 4; there are 4 entries",
        ),
        (
            ("steps", "causes"),
            {"place": [0], "cause": []},
            "steps.causes.cause: it has 0 entries; it must have 1",
        ),
        (("steps", "site"), [], "steps.site: it has 0 entries; it must have 2"),
        (("steps", "end_ns"), [0, 0], "steps.end_ns[0]: it is 0; it must come after 5,000,000"),
        (("steps", "start_ns"), [0, 1], "steps.start_ns[1]: it is 1; it must come after 6,000,000"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key(
    path: tuple[str | int, ...], value: Any, said: str
) -> None:
    assert refusal(changed(*path, to=value)).startswith(said)


def test_a_job_without_spans_has_no_length() -> None:
    value: Any = runfile.run_object(TWO)
    value["jobs"].append(value["jobs"][1] | {"id": 2, "spans": []})
    said = "jobs[2].spans: it is empty; it must fill the time from created_ns to ended_ns"
    assert refusal(json.dumps(value)) == said
    value["jobs"][2]["ended_ns"] = value["jobs"][2]["created_ns"]
    assert len(runfile.timelines_of(value)[0].jobs) == 3


def test_a_value_of_the_second_run_is_named_with_its_run() -> None:
    value: Any = runfile.comparison_object([TWO, TWO])
    value["runs"][1]["jobs"][0]["spans"][1]["end_ns"] += 1
    said = refusal(json.dumps(value))
    assert said.startswith("runs[1].jobs[0].spans[1].end_ns: it is 6,000,001; it must be 6,000,000")


def test_two_jobs_that_hold_the_loop_at_once_are_refused() -> None:
    both = timeline((0, R, 0, 5), (1, R, 4, 6), wall_ms=6)
    assert refusal(runfile.dump([both])) == (
        "jobs[1].spans[0].start_ns: it is 4,000,000, "
        "when the same worker is at jobs[0].spans[0] until 5,000,000"
    )


def test_two_jobs_that_one_thread_works_on_at_once_are_refused() -> None:
    work = State.WORKING
    apart = timeline((0, work, 0, 5), (1, work, 4, 6), wall_ms=6, lanes=[7, 12])
    assert_same(reread(apart), apart)
    both = timeline((0, work, 0, 5), (1, work, 4, 6), wall_ms=6, lanes=[7, 7])
    assert "when the same worker is at jobs[0].spans[0]" in refusal(runfile.dump([both]))


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.runfile.reader.MAX_FILE_MIB", 1)
    assert refusal(" " * (1 << 20) + "{}") == "it is larger than 1 MiB"


@pytest.mark.parametrize("what", [TWO_IN_JSON, b"x", b"\xff\n"])
def test_what_is_compressed_is_read_as_what_it_is(what: bytes) -> None:
    if what is TWO_IN_JSON:
        assert_same(runfile.load(gzip.compress(what))[0], TWO)
    else:
        assert refusal(gzip.compress(what)) == refusal(what)


@pytest.mark.parametrize("inflated_mib", [2, 200])
def test_what_would_inflate_to_more_than_is_allowed_is_refused_without_inflating_it(
    monkeypatch: pytest.MonkeyPatch, inflated_mib: int
) -> None:
    monkeypatch.setattr("core.runfile.reader.MAX_FILE_MIB", 1)
    bomb = gzip.compress(bytes(1 << 20), 9) * inflated_mib
    tracemalloc.start()
    try:
        assert refusal(bomb) == "it is larger than 1 MiB when it is inflated"
        held_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert held_bytes < 8 << 20


@given(st.data())
def test_a_compressed_file_with_other_bytes_is_refused_in_one_line_or_is_a_good_timeline(
    data: st.DataObject,
) -> None:
    text = bytearray(runfile.dump_packed([TWO]))
    start = data.draw(st.integers(0, len(text)))
    text[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    assert_refused_or_good(bytes(text))


def test_jobs_are_read_in_blocks_and_named_by_their_place_in_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.runfile.reader.JOBS_AT_ONCE", 2)
    run = run_sleeping("gather", 5).timeline
    assert_same(reread(run), run)
    value: Any = runfile.run_object(run)
    value["jobs"][3]["spans"][1]["lane"] = "moon"
    assert refusal(json.dumps(value)).startswith("jobs[3].spans[1].lane: it is 'moon'; it must be")
    value["jobs"][3]["spans"][1]["lane"] = 7
    assert refusal(json.dumps(value)) == "jobs[3].spans[1].lane: Expected `str`, got `int`"
    value["jobs"][3] = None
    assert refusal(json.dumps(value)) == "jobs[3]: Expected `object`, got `null`"


def test_what_is_wrong_in_the_text_of_a_job_is_named_with_its_line() -> None:
    lines = runfile.dump([TWO]).replace(b'{"id"', b'\n{"id"')
    assert_same(runfile.load(lines)[0], TWO)
    place = "line 3, column 17: "
    bad = lines.replace(b'"job 2"', b'"\xffob 2"')
    assert refusal(bad) == f"{place}it is not written in UTF-8"
    bad = lines.replace(b'"job 2"', b'"\\job 2"')
    assert refusal(bad).startswith("line 3, column ")


def test_a_refusal_is_one_line_however_long_the_value() -> None:
    said = refusal(changed("jobs", 1, "outcome", to="a\nb\x1b[31m" * 1000))
    assert len(said) <= 300
    assert said.isprintable()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
RECORDED = run_sleeping("cancel_tasks", 3, timeout_s=0.1).timeline


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in plain data: what holds it, and its key."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [place for key, each in inner for place in [(value, key), *places(each)]]


@settings(max_examples=200)
@given(st.data())
def test_a_file_changed_anywhere_is_refused_in_one_line_or_is_a_good_timeline(
    data: st.DataObject,
) -> None:
    value = json.loads(runfile.dump([RECORDED]))
    for _ in range(data.draw(st.integers(1, 2))):
        holder, key = data.draw(st.sampled_from(places(value)))
        if data.draw(st.booleans()):
            holder[key] = data.draw(JSON | st.just(holder[key]).map(neighbour))
        elif isinstance(holder, dict):
            del holder[key]
    assert_refused_or_good(json.dumps(value))


def neighbour(value: Any) -> Any:
    """Return a value close to another."""
    return value + 1 if isinstance(value, int) else value


@given(st.data())
def test_a_file_with_other_bytes_is_refused_in_one_line_or_is_a_good_timeline(
    data: st.DataObject,
) -> None:
    text = bytearray(runfile.dump([RECORDED]))
    start = data.draw(st.integers(0, len(text)))
    text[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    assert_refused_or_good(bytes(text))


def assert_refused_or_good(text: str | bytes) -> None:
    found: list[Timeline] = []
    with contextlib.suppress(BadFile):
        found = runfile.load(text)
    if not found:
        assert refusal(text).isprintable()
        return
    (timeline,) = found
    assert_same(reread(timeline), timeline)
    explain(found)
    findings_text(timeline)
    assert_laws(timeline, laws=(1, 2, 3))


def test_outcomes_come_back_as_what_they_are() -> None:
    found = reread(timeline((0, R, 0, 1), wall_ms=1, outcomes={0: Outcome.LOST}))
    assert found.jobs.outcome[0] is Outcome.LOST
