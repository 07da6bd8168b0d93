from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State, Timeline
from pages.components.results import MAX_ROWS, results_frame
from tests.core.handmade import timeline
from tests.pages.screen import RESULTS, SCRIPT_LIMIT_S


def run(
    *results: str,
    pattern: str = "gather",
    spread: str = "equal",
    outcome: Outcome = Outcome.OK,
) -> Timeline:
    spec = RunSpec(pattern=pattern, tasks=1, sleep_s=0.01, spread=spread)
    made = timeline((0, State.WAITING, 0, 10), wall_ms=10, spec=spec, outcomes={0: outcome})
    return replace(made, results=results)


def shown(*timelines: Timeline, unfolded: bool = False) -> AppTest:
    def page(timelines: "list[Timeline]") -> None:
        from pages.components import results

        results.show(timelines)

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S, args=(list(timelines),))
    if unfolded:
        at.session_state["results"] = True
    at.run()
    assert [error.value for error in at.exception] == []
    return at


def test_results_stand_in_their_places_one_column_a_run() -> None:
    frame = results_frame([run("a", "b"), run("c", pattern="task_group")])
    assert list(frame.index) == [1, 2]
    assert frame.to_dict("list") == {"gather": ["a", "b"], "task\\_group": ["c", ""]}


def test_a_run_that_returned_nothing_has_no_column() -> None:
    assert list(results_frame([run("a"), run(pattern="task_group")])) == ["gather"]


def test_results_are_shown_as_they_are_whatever_they_mean_in_markdown() -> None:
    frame = results_frame([run("RuntimeError('*x*')")])
    assert list(frame["gather"]) == [r"RuntimeError\(\'\*x\*\'\)"]


def test_without_any_results_there_is_nothing_to_unfold() -> None:
    assert len(shown(run(), run(pattern="task_group")).expander) == 0


@pytest.mark.parametrize(
    ("timeline", "unfolded"),
    [
        (run("a"), False),
        (run("a", spread="falling"), True),
        (run("a", outcome=Outcome.FAILED), True),
    ],
)
def test_they_are_unfolded_where_their_order_or_a_failure_tells_something(
    timeline: Timeline, unfolded: bool
) -> None:
    (fold,) = shown(run("a", pattern="create_task"), timeline).expander
    assert fold.label == RESULTS
    assert fold.proto.expanded == unfolded
    assert len(fold.table) == unfolded


def test_only_the_first_are_shown_and_the_number_of_the_rest_is_told() -> None:
    many = [str(number) for number in range(MAX_ROWS + 3)]
    assert len(results_frame([run(*many)])) == MAX_ROWS
    (note,) = shown(run(*many), unfolded=True).caption
    assert note.value == "3 more results are in the run file."
    assert len(shown(run(*many[:MAX_ROWS]), unfolded=True).caption) == 0
