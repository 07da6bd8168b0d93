"""The tree of a program's tasks on a page: what is folded, and how that is chosen."""

from core import runfile
from core.timeline.timeline import Timeline
from tests.kit.screen import Screen, opened, unescaped
from tests.kit.task_tree import program

LEVEL = "\u2003"
FOLDED = ["main +1", f"{LEVEL}a +1", f"{2 * LEVEL}a.1", f"{LEVEL}b", f"{LEVEL}handler"]


def opened_with(*runs: Timeline) -> Screen:
    """Return the page *Open a run file* after somebody has chosen a file for each run."""
    screen = opened("open_file")
    screen.at.file_uploader[0].set_value(
        [
            (f"{place}.json", runfile.dump([run]), "application/json")
            for place, run in enumerate(runs)
        ]
    )
    return screen.run()


def asked(screen: Screen) -> list[str]:
    """Return the labels of what is asked about the tree."""
    at = screen.at
    return [each.label for each in (*at.toggle, *at.selectbox, *at.multiselect)]


def folded_texts(screen: Screen) -> list[str]:
    return [unescaped(text) for text in screen.texts("caption") if "folded away" in text]


def test_tasks_of_libraries_are_folded_at_first_and_shown_when_asked_for() -> None:
    screen = opened_with(program())
    assert screen.labels[0] == FOLDED
    assert folded_texts(screen) == [
        "2 tasks of libraries are folded away. Figures and sentences count them, too."
    ]
    screen.at.toggle[0].set_value(True)
    screen.run()
    assert [label.strip() for label in screen.labels[0]] == [
        *("main", "serve", "handler", "a", "helper", "a.1", "b")
    ]
    assert folded_texts(screen) == []


def test_levels_can_be_folded() -> None:
    screen = opened_with(program())
    screen.at.selectbox[0].set_value(1)
    screen.run()
    assert screen.labels[0] == ["main +6"]
    assert [text for text in screen.texts("markdown") if "with 7 tasks" in text]


def test_what_stands_below_a_task_can_be_folded() -> None:
    screen = opened_with(program())
    (below,) = screen.at.multiselect
    assert below.options == ["main (4 tasks)", "a (1 task)"]
    below.set_value(["a"])
    screen.run()
    assert screen.labels[0] == ["main +1", f"{LEVEL}a +2", f"{LEVEL}b", f"{LEVEL}handler"]
    # another program has no such tasks: all of it is shown
    other = program(names=[f"other {place}" for place in range(7)], library=[0] * 7)
    screen.at.file_uploader[0].set_value(
        [("other.json", runfile.dump([other]), "application/json")]
    )
    screen.run()
    assert len(screen.labels[0]) == 7


def test_nothing_is_asked_that_would_change_nothing() -> None:
    flat = program([-1] * 7, [0] * 7)
    assert asked(opened_with(flat)) == []
    assert asked(opened_with(program([-1, -1], [0, 1], ["main", "helper"]))) == ["Library tasks"]
    assert asked(opened_with(program(library=[1] * 7))) == ["Levels of tasks", "Fold below"]


def test_of_several_files_each_says_what_it_folds() -> None:
    screen = opened_with(program(), program(library=[0] * 7))
    (text,) = folded_texts(screen)
    assert text.startswith("it.py (0): 2 tasks of libraries are folded away.")
    assert screen.labels[0] == FOLDED


def test_rows_that_are_chosen_are_let_go_when_other_tasks_have_them() -> None:
    screen = opened_with(program())
    screen.at.query_params["window"] = "jobs2-3"
    screen.run()
    assert screen.labels[0] == [f"{LEVEL}a +1", f"{2 * LEVEL}a.1"]
    screen.at.toggle[0].set_value(True)
    screen.run()
    assert len(screen.labels[0]) == 7
    assert "window" not in screen.at.query_params
