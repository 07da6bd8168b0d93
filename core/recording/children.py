"""Lets the Python processes that this one starts know that they belong to a recorded program.

What changes least for the program: its own environment and its command lines stay as they are. A
child of multiprocessing finds the recorder among what its parent sends it to prepare it. Another
Python finds it by two environment variables of its own, which it takes back before it runs anything
of the program; see `hook/sitecustomize.py`, and `starts.py` for who is given them.
"""

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from .commands import PATHS
from .family import Family
from .once_imported import once_imported
from .starts import VARIABLE, Environment, Starts

FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - children have no pathlib yet
HOOK = os.path.join(FOLDER, "hook")  # noqa: PTH118
BEGIN = """\
import sys
if sys.version_info >= (3, 11):
    try:
        import importlib.util
        if "loopscope" not in sys.modules:
            spec = importlib.util.spec_from_file_location(
                "loopscope", {init!r}, submodule_search_locations=[{folder!r}]
            )
            sys.modules["loopscope"] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(sys.modules["loopscope"])
        importlib.import_module("loopscope.child").watch({family!r})
    except Exception as error:
        print("loopscope: this process is not recorded:", repr(error), file=sys.stderr)
"""
"""What a child runs; it may be a Python of an older version, which is not recorded."""


def beginning(family: Family) -> str:
    """Return the code with which a process begins that has this family."""
    init = os.path.join(FOLDER, "__init__.py")  # noqa: PTH118
    return BEGIN.format(init=init, folder=FOLDER, family=family.as_text())


def follow(family: Family) -> Starts:
    """Let the children of this process, and of its copies, be recorded from now on."""
    pid = os.getpid()

    def told(given: Environment, itself: bool) -> Environment:  # noqa: FBT001 - `Starts` calls it
        if not itself:
            return environment(family.of_child(), given)
        # what a copy becomes is a child of the process that it is a copy of
        is_copy = os.getpid() != pid
        return environment(family.of_copy() if is_copy else family, given)

    starts = Starts(told, family.note_deaf)
    starts.begin()
    once_imported("multiprocessing.spawn", partial(_follow_multiprocessing, family))
    return starts


class Beginning:
    """Is unpickled where it begins a recording, and is nothing there."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return exec, (self._code, {})


def _follow_multiprocessing(family: Family) -> None:
    spawn = sys.modules["multiprocessing.spawn"]
    before: Callable[[str], dict[str, Any]] = spawn.get_preparation_data

    def get_preparation_data(name: str) -> dict[str, Any]:
        data = before(name)
        # what sends it takes the known keys, or all; what receives it looks for those it knows
        data["loopscope"] = Beginning(beginning(family.of_child()))
        return data

    spawn.get_preparation_data = get_preparation_data  # type: ignore[attr-defined]


def environment(family: Family, given: Environment) -> Environment:
    """Return the environment of a Python that shall be recorded, as one of a family."""
    before = given.get(PATHS)
    message = {"begin": beginning(family), "paths": before}
    paths = HOOK + (os.pathsep + before if before else "")
    return {**given, VARIABLE: json.dumps(message), PATHS: paths}
