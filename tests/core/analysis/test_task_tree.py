"""The tasks of a program as rows: children below their parents, and what is folded away."""

from dataclasses import replace

import numpy as np
import pytest

from core.analysis.task_tree import ALL, Fold, TaskRows, branches, depth_of, task_rows
from core.recording.events import NOBODY
from core.shell.report import chart
from core.timeline.timeline import Timeline
from tests.kit.handmade import timeline
from tests.kit.laws import assert_laws
from tests.kit.task_tree import PARENTS, W, program


def rows_of(run: Timeline, fold: Fold) -> TaskRows:
    found = task_rows(run, fold)
    assert found is not None
    assert_laws(replace(found.timeline, steps=run.steps))
    return found


def labels(rows: TaskRows) -> list[str]:
    return [rows.label(row, 30) for row in range(len(rows.timeline.jobs))]


def test_children_stand_below_their_parents_in_the_order_of_their_creation() -> None:
    rows = rows_of(program(), ALL)
    assert labels(rows) == [
        "main",
        "  serve",
        "    handler",
        "  a",
        "    helper",
        "    a.1",
        "  b",
    ]
    assert rows.folded_text() == ""
    # each begins at its own time, whatever its row
    assert (rows.timeline.jobs.created_ns // 1_000_000).tolist() == [1, 2, 7, 3, 4, 6, 5]
    assert (rows.timeline.spans.start_ns // 1_000_000).tolist() == [1, 2, 7, 3, 4, 6, 5]
    assert rows.timeline.spans.job.tolist() == list(range(7))
    assert rows.timeline.jobs.parent.tolist() == [NOBODY, 0, 1, 0, 3, 3, 0]


def test_tasks_of_libraries_are_folded_into_what_is_above_them() -> None:
    rows = rows_of(program(), Fold())
    assert labels(rows) == ["main +1", "  a +1", "    a.1", "  b", "  handler"]
    assert (rows.libraries, rows.deeper) == (2, 0)
    assert rows.folded_text() == (
        "2 tasks of libraries are folded away. Figures and sentences count them, too."
    )


def test_levels_below_those_that_are_shown_are_folded() -> None:
    assert labels(rows_of(program(), Fold(levels=2))) == ["main +1", "  a +2", "  b", "  handler"]
    rows = rows_of(program(), Fold(levels=1))
    assert labels(rows) == ["main +6"]
    assert rows.folded_text() == (
        "2 tasks of libraries are folded away; 4 deeper tasks are folded away. "
        "Figures and sentences count them, too."
    )
    assert labels(rows_of(program(), Fold(libraries=False, levels=2))) == [
        *("main", "  serve +1", "  a +2", "  b")
    ]
    assert [depth_of(program(), fold) for fold in (ALL, Fold())] == [3, 3]


def test_what_stands_below_a_coroutine_is_folded_wherever_it_runs() -> None:
    assert labels(rows_of(program(), Fold(below=frozenset({"a"})))) == [
        *("main +1", "  a +2", "  b", "  handler")
    ]
    # also where a library stands between: `handler` is what `serve` has made
    rows = rows_of(program(), Fold(below=frozenset({"serve", "a"})))
    assert labels(rows) == ["main +2", "  a +2", "  b"]
    assert (rows.libraries, rows.deeper) == (2, 2)
    assert branches(program(), Fold()) == {"main": 4, "a": 1}
    assert branches(program(), ALL) == {"main": 6, "serve": 1, "a": 2}


def test_tasks_of_one_coroutine_are_folded_together_and_counted_once() -> None:
    run = program([NOBODY, 0, 1, 2, 0, 4, 5], [0] * 7)
    coroutine = ("main", "walk", "walk", "walk", "walk", "read", "walk")
    run = replace(run, jobs=replace(run.jobs, coroutine=coroutine))
    assert branches(run, ALL) == {"main": 6, "walk": 4, "read": 1}
    found = labels(rows_of(run, Fold(below=frozenset({"walk"}))))
    assert [each.split("+")[-1] for each in found] == ["main", "2", "2"]


def test_a_program_of_libraries_alone_shows_them() -> None:
    run = program(library=[1] * len(PARENTS))
    assert labels(rows_of(run, Fold())) == labels(rows_of(run, ALL))


def test_a_folded_task_without_anything_above_it_is_counted() -> None:
    rows = rows_of(program([NOBODY, NOBODY, 0], [1, 0, 0], ["loop", "main", "child"]), Fold())
    assert labels(rows) == ["main", "child"]
    assert rows.folded_text().startswith("1 task of libraries is folded away.")


def test_where_there_is_no_tree_and_nothing_to_fold_the_rows_are_the_jobs() -> None:
    flat = program([NOBODY] * len(PARENTS), [0] * len(PARENTS))
    assert task_rows(flat, Fold()) is None
    assert task_rows(timeline((0, W, 0, 1), wall_ms=1), Fold()) is None
    assert task_rows(program([], [], []), Fold()) is None


def test_a_job_without_a_name_keeps_its_number() -> None:
    rows = rows_of(program([NOBODY, NOBODY, 0], [0] * 3, ["main", "", "child"]), ALL)
    assert labels(rows) == ["main", "  child", "job 2"]


def test_what_a_span_says_of_other_jobs_moves_with_them() -> None:
    run = program()
    spans = replace(run.spans, holder=np.array([NOBODY, 2, 3, NOBODY, 6, 4, 0]))
    rows = rows_of(replace(run, spans=spans), Fold())
    # of main, a, a.1, b and handler; what a folded job holds is held by none of them
    assert rows.timeline.spans.holder.tolist() == [NOBODY, NOBODY, 3, 4, 0]


def test_a_deep_row_is_indented_no_further_than_its_name_has_room() -> None:
    count = 40
    rows = rows_of(program(range(-1, count - 1), [0] * count, ["a long name"] * count), ALL)
    assert rows.label(8, 30) == rows.label(39, 30) == " " * 16 + "a long name"
    assert rows.depth == tuple(range(count))


@pytest.mark.parametrize("seed", range(20))
def test_of_any_tree_each_row_stands_in_its_parents_block(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 60))
    parents = [int(random.integers(-1, job)) if job else NOBODY for job in range(count)]
    library = random.integers(0, 2, count).tolist()
    rows = task_rows(program(parents, library, [str(job) for job in range(count)]), Fold())
    if rows is None:
        return
    above: list[int] = []
    for row, (depth, parent) in enumerate(
        zip(rows.depth, rows.timeline.jobs.parent.tolist(), strict=True)
    ):
        del above[depth:]
        assert parent == (above[-1] if above else NOBODY)
        assert depth == len(above)
        above.append(row)
    shown = count if all(library) else library.count(0)
    assert len(rows.timeline.jobs) == shown
    assert rows.libraries == count - shown


def test_the_chart_of_text_has_the_same_rows_and_says_what_it_folds() -> None:
    lines = chart([program()], width=80, fold=Fold()).splitlines()
    assert [line.partition(" .")[0].rstrip() for line in lines[1:6]] == [
        *("main +1", "  a +1", "    a.1", "  b", "  handler")
    ]
    assert lines[6] == (
        "2 tasks of libraries are folded away. Figures and sentences count them, too."
    )
    assert lines[7] == "  --all shows them."
    assert "--all" not in chart([program()], width=80)
