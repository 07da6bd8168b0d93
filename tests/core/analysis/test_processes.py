"""Processes of one program stand on one axis, each where it began; other runs begin at 0."""

from dataclasses import replace

from core.analysis.figures import figure_rows
from core.analysis.metrics import same_work, speed_up
from core.analysis.processes import LATEST_NS, began_ns, began_text
from core.analysis.side_by_side import differences, run_names
from core.analysis.summary import explain
from core.jobs import OwnProgram
from core.timeline.timeline import State, Timeline
from tests.kit.handmade import MS, process_of, timeline

RUN = timeline((0, State.WAITING, 0, 20), wall_ms=20)


def began(*runs: Timeline) -> list[int]:
    return began_ns(runs)


def test_a_process_stands_where_it_began_after_the_first_at_hand() -> None:
    main, child, later = (process_of(RUN, began_ms=at_ms) for at_ms in (0, 30, 45))
    assert began(main, child, later) == [0, 30 * MS, 45 * MS]
    assert began(child, main) == [30 * MS, 0]
    assert began(later, child) == [15 * MS, 0]
    assert began(child) == [0]


def test_runs_of_other_programs_begin_at_0() -> None:
    main, child = process_of(RUN), process_of(RUN, began_ms=30)
    other = process_of(RUN, began_ms=99, family="other")
    assert began(RUN, main, child, other) == [0, 0, 30 * MS, 0]


def test_what_would_reach_beyond_the_longest_axis_stands_at_its_own_beginning() -> None:
    day_ms = LATEST_NS // MS
    main = process_of(RUN)
    assert began(main, process_of(RUN, began_ms=day_ms - 20)) == [0, (day_ms - 20) * MS]
    assert began(main, process_of(RUN, began_ms=day_ms - 19)) == [0, 0]


def test_a_child_is_named_by_its_process_and_says_when_it_began() -> None:
    main, child = process_of(RUN), process_of(RUN, began_ms=30)
    named = process_of(RUN, began_ms=31, name="SpawnProcess-1")
    assert run_names([each.program for each in (main, child, named)]) == [
        "work.py",
        "work.py (pid 130)",
        "work.py (SpawnProcess-1, pid 131)",
    ]
    assert began_text(child.program, 30 * MS) == "began 30.0 ms later"
    assert began_text(main.program, 0) == began_text(RUN.program, 5) == ""


def test_a_child_is_not_compared_with_its_parent_nor_said_to_do_other_work() -> None:
    main, child = process_of(RUN), process_of(RUN, began_ms=30)
    assert speed_up(child, main) is None
    assert differences([main, child]) == []
    assert [row[-1] for row in figure_rows([main, child])][1:] == ["1×", "—"]
    assert explain([main, child]).count("ran for 20.0 ms") == 2


def test_the_first_processes_of_two_recordings_of_a_program_are_compared() -> None:
    before, after = process_of(RUN, family="a"), process_of(RUN, family="b", began_ms=500)
    assert same_work(before, after)
    assert speed_up(before, after) == 1
    assert isinstance(after.program, OwnProgram)
    other = replace(after, program=replace(after.program, command=("other.py",)))
    assert not same_work(before, other)
    assert not same_work(before, RUN)
    assert "did not do the same work" in differences([before, other])[0]
