"""Tracebacks and stacks lose the frames of the recorder, wherever they stand."""

import traceback
from types import TracebackType

from core.recording import own_frames
from core.recording.own_frames import leave_out_own, pruned, without_own

OURS = compile("def ours(inner):\n    inner()\n", own_frames.OWN_FOLDER + "some.py", "exec")


def of_nested_calls() -> TracebackType | None:
    names: dict[str, object] = {}
    exec(OURS, names)  # noqa: S102 - a frame in a file of ours
    ours: object = names["ours"]

    def program() -> None:
        ours(fails)  # type: ignore[operator]

    def fails() -> None:
        raise ValueError

    try:
        ours(program)  # type: ignore[operator]
    except ValueError as error:
        return error.__traceback__ and error.__traceback__.tb_next
    return None


def names_in(found: TracebackType | None) -> list[str]:
    return [entry.name for entry in traceback.extract_tb(found)]


def test_frames_of_ours_go_from_the_beginning_or_from_everywhere() -> None:
    found = of_nested_calls()
    assert names_in(found) == ["ours", "program", "ours", "fails"]
    assert names_in(without_own(found)) == ["program", "ours", "fails"]
    assert names_in(pruned(found)) == ["program", "fails"]
    assert pruned(None) is None


def test_a_stack_of_debug_mode_shows_none_of_ours() -> None:
    stack = traceback.extract_tb(of_nested_calls())
    leave_out_own(stack)
    assert [entry.name for entry in stack] == ["program", "fails"]
