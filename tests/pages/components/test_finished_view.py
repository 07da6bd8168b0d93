""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis.figures import _speed_up, figures_of
from core.exports import EXPORTS
from core.recording.events import LaneKind, lane_code
from core.spec.run_spec import RunSpec
from core.timeline.timeline import LOOP, On, Outcome, State, Timeline
from pages.components.finished_view import (
    MAX_RESULTS,
    figures_frame,
    in_order,
    labels,
    results_frame,
    spans_frame,
)
from tests.kit.handmade import timeline
from tests.kit.large import large_run
from tests.kit.screen import RESULTS, SCRIPT_LIMIT_S


def timed(wall_ms: int, pattern: str = "gather") -> Timeline:
    late = (0, State.READY, 0, 3), (0, State.RUNNING, 3, 4)
    spec = RunSpec(pattern=pattern, tasks=1, sleep_s=0.2)
    return timeline(*late, wall_ms=wall_ms, spec=spec, steps_ms=[(0, 4)])


def figure_texts(timeline: Timeline) -> dict[str, str]:
    return {figure.name: figure.text for figure in figures_of(timeline)}


def test_the_figures_of_a_run_are_its_wall_time_and_what_it_is_to_be_compared_with() -> None:
    assert figure_texts(replace(timed(210), recording_ns=41_000)) == {
        "wall time": "210 ms",
        "ideal": "200 ms",
        "overhead": "10.0 ms (+5.0%)",
        "worst lateness": "3.00 ms",
        "peak in flight": "1",
        "recording cost": "≈ 41.0 µs",
    }


def test_there_is_no_lateness_without_a_loop_nor_for_jobs_in_a_pool() -> None:
    pooled = timed(210, "run_in_executor")
    loopless = replace(timed(210), steps=timeline(wall_ms=0).steps)
    assert figure_texts(pooled)["worst lateness"] == figure_texts(loopless)["worst lateness"] == "—"


def test_jobs_without_duration_have_an_overhead_without_a_share() -> None:
    instant = replace(timed(1), program=RunSpec(pattern="gather", tasks=1, sleep_s=0))
    assert figure_texts(instant)["overhead"] == "1.00 ms"


@pytest.mark.parametrize(
    ("wall_ms", "baseline_ms", "text"),
    [
        (200, 200, "1×"),
        (200, 996, "5×"),
        (400, 200, "2× slower"),
        (801, 10, "80× slower"),
        (200, 196, "1×"),
        (2, 1_998, "999×"),
        (1, 1_234, "1,234×"),
    ],
)
def test_a_speed_up_has_the_digits_of_titles_and_never_a_power_of_ten(
    wall_ms: int, baseline_ms: int, text: str
) -> None:
    assert _speed_up(timed(wall_ms), timed(baseline_ms)).text == text


def test_there_is_no_speed_up_where_a_run_did_not_do_all_its_work() -> None:
    whole = timed(200)
    lost = replace(whole, jobs=replace(whole.jobs, outcome=(Outcome.CANCELLED,)))
    assert _speed_up(lost, whole).text == _speed_up(whole, lost).text == "—"


def test_a_column_that_says_nothing_of_any_run_is_left_out_of_the_table() -> None:
    frame = figures_frame([timed(200), timed(400, "task_group")])
    assert list(frame.index) == ["gather", r"task\_group"]
    assert "speed-up" in frame
    assert "start-up" not in frame


@pytest.mark.usefixtures("busy_machine")
def test_a_disturbed_run_has_the_amount_in_place_of_a_speed_up() -> None:
    disturbed, calm = replace(timed(200), disturbed_ns=30_000_000), timed(400, "task_group")
    frame = figures_frame([disturbed, replace(calm, disturbed_ns=0)])
    assert list(frame["disturbed"]) == ["30.0 ms", "0 ns"]
    assert "speed-up" not in frame


def test_where_a_system_does_not_say_how_long_threads_waited_the_table_says_so() -> None:
    frame = figures_frame([timed(200), replace(timed(400, "task_group"), disturbed_ns=0)])
    assert list(frame["disturbed"]) == ["not known", "—"]


def test_every_column_of_the_table_is_explained() -> None:
    def page() -> None:
        from pages.components import finished_view
        from tests.pages.components.test_finished_view import timed

        finished_view.show_figures([timed(210), timed(420, "create_task")])

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S).run()
    (table,), (listed,) = at.table, at.markdown
    explained = [line[2:].partition(":")[0] for line in listed.value.splitlines()]
    assert explained == list(table.value.columns)


def test_a_run_below_its_ideal_has_one_kind_of_minus() -> None:
    assert figure_texts(timed(190))["overhead"] == "−10.0 ms (−5.0%)"


def returned(
    *results: str,
    pattern: str = "gather",
    spread: str = "equal",
    outcome: Outcome = Outcome.OK,
) -> Timeline:
    spec = RunSpec(pattern=pattern, tasks=1, sleep_s=0.01, spread=spread)
    made = timeline((0, State.WAITING, 0, 10), wall_ms=10, spec=spec, outcomes={0: outcome})
    return replace(made, results=results)


def shown_results(*timelines: Timeline, unfolded: bool = False) -> AppTest:
    def page(timelines: "list[Timeline]") -> None:
        from pages.components import finished_view

        finished_view.show_results(timelines)

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S, args=(list(timelines),))
    if unfolded:
        at.session_state["results"] = True
    at.run()
    assert [error.value for error in at.exception] == []
    return at


def test_results_stand_in_their_places_one_column_a_run() -> None:
    frame = results_frame([returned("a", "b"), returned("c", pattern="task_group")])
    assert list(frame.index) == [1, 2]
    assert frame.to_dict("list") == {"gather": ["a", "b"], "task\\_group": ["c", ""]}


def test_a_run_that_returned_nothing_has_no_column() -> None:
    assert list(results_frame([returned("a"), returned(pattern="task_group")])) == ["gather"]


def test_results_are_shown_as_they_are_whatever_they_mean_in_markdown() -> None:
    frame = results_frame([returned("RuntimeError('*x*')")])
    assert list(frame["gather"]) == [r"RuntimeError\(\'\*x\*\'\)"]


def test_without_any_results_there_is_nothing_to_unfold() -> None:
    assert len(shown_results(returned(), returned(pattern="task_group")).expander) == 0


@pytest.mark.parametrize(
    ("timeline", "unfolded"),
    [
        (returned("a"), False),
        (returned("a", spread="falling"), True),
        (returned("a", outcome=Outcome.FAILED), True),
    ],
)
def test_they_are_unfolded_where_their_order_or_a_failure_tells_something(
    timeline: Timeline, unfolded: bool
) -> None:
    (fold,) = shown_results(returned("a", pattern="create_task"), timeline).expander
    assert fold.label == RESULTS
    assert fold.proto.expanded == unfolded
    assert len(fold.table) == unfolded


def test_only_the_first_are_shown_and_the_number_of_the_rest_is_told() -> None:
    many = [str(number) for number in range(MAX_RESULTS + 3)]
    assert len(results_frame([returned(*many)])) == MAX_RESULTS
    (note,) = shown_results(returned(*many), unfolded=True).caption
    assert note.value == "3 more results are in the run file."
    assert len(shown_results(returned(*many[:MAX_RESULTS]), unfolded=True).caption) == 0


def cut() -> Timeline:
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
    frame = spans_frame(cut(), 200)
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
    assert len(spans_frame(cut(), 2)) == 2


def test_a_run_without_spans_has_a_table_without_rows() -> None:
    frame = spans_frame(timeline(wall_ms=1), 200)
    assert len(frame) == 0
    assert "state" in frame.columns


def test_every_format_has_a_label() -> None:
    assert labels().keys() == EXPORTS.keys()


def test_of_a_large_run_the_compressed_file_comes_first() -> None:
    small = [export.name for export in in_order([timeline(wall_ms=1)])]
    large = [export.name for export in in_order([large_run(2_000), large_run(4_000)])]
    assert (small[0], large[0]) == ("json", "json.gz")
    assert sorted(small) == sorted(large) == sorted(EXPORTS)
