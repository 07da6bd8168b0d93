"""What a job is called where people read it."""

from dataclasses import replace

import pytest

from core.analysis.job_label import job_label, job_text
from core.jobs import OwnProgram
from core.timeline.timeline import State
from tests.kit import handmade


@pytest.mark.parametrize(
    ("name", "coroutine", "label"),
    [
        ("Task-3", "fetch", "fetch (Task-3)"),
        ("Task-3", "Client.fetch_all_that_there_are", "Client.fetch_a… (Task-3)"),
        ("Task-3", "test_it.<locals>.main", "main (Task-3)"),
        ("Task-3", "", "Task-3"),
        ("fetches", "fetch", "fetches"),
        ("Task-force", "fetch", "Task-force"),
        ("a name that is longer than the label may be", "", "a name that is longer t…"),
        ("int\x1b[2J", "", "int\\x1b[2J"),
    ],
)
def test_a_name_that_nobody_gave_has_what_the_task_runs_before_it(
    name: str, coroutine: str, label: str
) -> None:
    timeline = handmade.timeline((0, State.WAITING, 0, 10), wall_ms=10)
    jobs = replace(timeline.jobs, name=(name,), coroutine=(coroutine,))
    assert job_label(0, replace(timeline, jobs=jobs), 24) == label


@pytest.mark.parametrize(
    ("name", "coroutine", "label"),
    [
        ("app.fetch", "fetch", "fetch (job 1)"),
        ("app.main.<locals>.fetch", "main.<locals>.fetch", "fetch (job 1)"),
        ("the last one", "fetch", "the last one"),
        ("int", "", "int"),
    ],
)
def test_a_task_that_trio_has_named_has_its_number(name: str, coroutine: str, label: str) -> None:
    timeline = handmade.timeline((0, State.WAITING, 0, 10), wall_ms=10)
    program = OwnProgram(command=("app.py",), loops=("trio",))
    jobs = replace(timeline.jobs, name=(name,), coroutine=(coroutine,))
    assert job_label(0, replace(timeline, jobs=jobs, program=program), 24) == label


def test_a_job_of_a_pattern_has_its_number() -> None:
    assert job_label(4, None, 24) == "job 5"


def test_a_sentence_begins_with_a_capital_letter_unless_a_program_has_named_the_job() -> None:
    pattern = handmade.timeline((2, State.WAITING, 0, 10), wall_ms=10)
    assert [job_text(pattern, 2, first=first) for first in (True, False)] == ["Job 3", "job 3"]
    own = replace(pattern, jobs=replace(pattern.jobs, name=("fetch",), coroutine=("get",)))
    assert [job_text(own, 2, first=first) for first in (True, False)] == ["fetch", "fetch"]
