"""Lets the Python processes that this one starts know that they belong to a recorded program.

What changes least for the program: its own environment and its command lines stay as they are. A
child of multiprocessing finds the recorder among what its parent sends it to prepare it. Another
Python that `subprocess` starts finds it by two environment variables of its own, which it takes
back before it runs anything of the program; see `hook/sitecustomize.py`. A program that is not
called like a Python gets no other environment.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from .family import Family
from .once_imported import once_imported

FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - children have no pathlib yet
HOOK = os.path.join(FOLDER, "hook")  # noqa: PTH118
VARIABLE, PATHS = "LOOPSCOPE_CHILD", "PYTHONPATH"
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
    """Return the code with which a child of this process begins."""
    init = os.path.join(FOLDER, "__init__.py")  # noqa: PTH118
    return BEGIN.format(init=init, folder=FOLDER, family=family.for_child())


def follow(family: Family) -> None:
    """Let the children of this process, and of its copies, be recorded from now on."""
    once_imported("subprocess", partial(_follow_subprocess, family))
    once_imported("multiprocessing.spawn", partial(_follow_multiprocessing, family))


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
        data["loopscope"] = Beginning(beginning(family))
        return data

    spawn.get_preparation_data = get_preparation_data  # type: ignore[attr-defined]


def _follow_subprocess(family: Family) -> None:
    popen: Any = sys.modules["subprocess"].Popen
    # not `__init__`: of what it does this is the part that knows the environment
    original = popen._execute_child  # noqa: SLF001
    popen._execute_child = PythonsOnly(original, partial(environment, family))  # noqa: SLF001


class PythonsOnly:
    """Stands for `Popen._execute_child`, and is it where what is started is no Python.

    So the traceback of a program that cannot be found is what it would be.
    """

    def __init__(self, original: Any, environment: Callable[[Any], Any]) -> None:
        self._original = original
        self._environment = environment
        self._place = original.__code__.co_varnames.index("env") - 1

    def __get__(self, popen: Any, kind: type | None = None) -> Any:
        original = self._original.__get__(popen, kind)
        if popen is None or not runs_python(popen.args):
            return original
        return partial(self._start, original)

    def _start(self, original: Callable[..., object], *args: Any) -> object:
        given = list(args)
        try:
            given[self._place] = self._environment(given[self._place])
        except (AttributeError, TypeError, ValueError):
            given = list(args)  # what is wrong in it, `original` says in its own words
        return original(*given)


def environment(family: Family, given: Mapping[Any, Any] | None) -> dict[str, str]:
    """Return the environment of a Python that shall be recorded.

    Of None, which stands for that of this process, it has what `os.environ` knows.
    """
    items = (os.environ if given is None else given).items()
    made = {os.fsdecode(name): os.fsdecode(value) for name, value in items}
    before = made.get(PATHS)
    message = {"begin": beginning(family), "paths": before}
    made[VARIABLE] = json.dumps(message)
    made[PATHS] = HOOK + (os.pathsep + before if before else "")
    return made


def runs_python(command: Any) -> bool:
    """Return whether what is started is a Python that looks at its environment and has a `site`."""
    if isinstance(command, str) and sys.platform == "win32":
        command = _first_word(command)
    words: Sequence[Any] = command if isinstance(command, list | tuple) else (command,)
    if not words or not all(isinstance(each, str | bytes | os.PathLike) for each in words):
        return False
    program, *arguments = map(os.fsdecode, words)
    return _is_python(program) and not _is_isolated(arguments)


def _first_word(line: str) -> str:
    line = line.lstrip()
    return line[1:].partition('"')[0] if line.startswith('"') else line.partition(" ")[0]


def _is_python(program: str) -> bool:
    name = os.path.basename(program).lower().removesuffix(".exe")  # noqa: PTH119
    is_called_so = name.startswith("python") and not name[len("python") :].strip("0123456789.wtd_")
    return is_called_so or program == sys.executable


def _is_isolated(arguments: Sequence[str]) -> bool:
    """Return whether there is one of the options `-E`, `-I` and `-S` before what is run."""
    takes_next = False
    for argument in arguments:
        if takes_next:
            takes_next = False
            continue
        if not argument.startswith("-") or argument in ("-", "--"):
            return False
        if argument.startswith("--"):
            takes_next = argument == "--check-hash-based-pycs"
            continue
        for place, letter in enumerate(argument[1:], 2):
            if letter in "EIS":
                return True
            if letter in "cm":
                return False
            if letter in "WX":
                takes_next = place == len(argument)
                break
    return False
