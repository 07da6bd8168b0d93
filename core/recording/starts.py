"""The ways in which a process starts another one, each of which lets a Python know of a recording.

That Python finds the recorder by two variables of its environment. `subprocess` is met where it
has looked at all that it was given, and hands what to run to the system: so errors are as without,
and what runs is seen as it is, behind a shell, too. A program that becomes another one, by
`os.exec*`, is met in the same way. What starts no Python is given no other environment.
Source: CPython, `Popen._execute_child` in `Lib/subprocess.py`, `_spawnvef` in `Lib/os.py`.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial, wraps
from typing import Any

from .commands import PATHS, Commands, Start, is_python
from .once_imported import once_imported

VARIABLE = "LOOPSCOPE_CHILD"
Environment = dict[str, str]
ARGS, EXECUTABLES, CWD, ENVIRONMENT = 0, 1, 4, 5
"""Where `_fork_exec` has what it runs."""


class Starts:
    """Lets Pythons that this process starts, or becomes, know of a recording."""

    def __init__(
        self, told: Callable[[Environment, bool], Environment], deaf: Callable[[], object]
    ) -> None:
        """Be about to.

        Args:
            told: Returns the environment of a Python that shall be recorded, for what it would be,
                and whether this process becomes it.
            deaf: Is called for a Python that cannot be told.
        """
        self._told, self._deaf = told, deaf
        self.before_end: Callable[[], object] = nothing
        """Called when this process may become another one: what is recorded by then is written."""

    def begin(self) -> None:
        """Do it from now on, to the end of this process, and in its copies."""
        # not `from os import`: a program may have replaced them as well
        if sys.platform == "win32":
            once_imported("subprocess", self._follow_on_windows)
        else:
            once_imported("subprocess", self._follow_subprocess)
        for name in ("posix_spawn", "posix_spawnp"):
            self._replace(os, name, self._spawn)
        for name in ("execv", "execve"):
            self._replace(os, name, self._exec)
        self._replace(os, "system", self._system)

    def _replace(self, module: Any, name: str, own: Callable[..., Any]) -> None:
        original = getattr(module, name, None)
        if original is None:
            return

        @wraps(original)
        def function(*args: Any, **named: Any) -> Any:
            return own(original, *args, **named)

        setattr(module, name, function)

    def _follow_subprocess(self) -> None:
        self._replace(sys.modules["subprocess"], "_fork_exec", self._fork_exec)

    def _fork_exec(self, original: Callable[..., int], *args: Any) -> int:
        given = list(args)
        with suppress(Exception):  # what is wrong in it, `original` says in its own words
            pairs = given[ENVIRONMENT]
            env = None if pairs is None else _environment_of(pairs)
            program = os.fsdecode(given[EXECUTABLES][0])
            words = [program, *map(os.fsdecode, list(given[ARGS])[1:])]
            made = self._environment(words, env, given[CWD])
            if made is not None:
                given[ENVIRONMENT] = [os.fsencode(f"{name}={made[name]}") for name in made]
        return original(*given)

    def _spawn(self, original: Callable[..., int], *args: Any, **named: Any) -> int:
        if len(args) > 2:
            made = self._environment_of_call(args[0], args[1], args[2])
            if made is not None:
                args = (*args[:2], made, *args[3:])
        return original(*args, **named)

    def _exec(self, original: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self.before_end()
        if len(args) in (2, 3) and not named:
            env = args[2] if len(args) > 2 else None
            made = self._environment_of_call(args[0], args[1], env, itself=True)
            if made is not None and env is not None:
                return original(*args[:2], made)
            if made is not None:
                with _put(made):
                    return original(*args)
        return original(*args, **named)

    def _system(self, original: Callable[..., int], *args: Any, **named: Any) -> int:
        command = args[0] if args else named.get("command")
        made = self._environment_of_call("/bin/sh", ["sh", "-c", command], None)
        if made is None:
            return original(*args, **named)
        with _put(made):
            return original(*args, **named)

    def _environment_of_call(
        self, program: Any, args: Any, env: Any, *, itself: bool = False
    ) -> Environment | None:
        with suppress(Exception):  # what is wrong in it, the function itself says
            words = [os.fsdecode(program), *map(os.fsdecode, list(args)[1:])]
            return self._environment(words, None if env is None else decoded(env), itself=itself)
        return None

    def _environment(
        self,
        words: Sequence[str],
        given: Environment | None,
        cwd: Any = None,
        *,
        itself: bool = False,
    ) -> Environment | None:
        """Return the environment for a Python that a command starts; None to leave it as it is.

        Of None, which stands for that of this process, it has what `os.environ` knows.
        """
        env = dict(os.environ) if given is None else given
        match Commands(cwd, env).starts(words[0], words[1:]):
            case Start.PYTHON:
                return self._told(env, itself)
            case Start.DEAF:
                self._deaf()
        return None

    def _follow_on_windows(self) -> None:
        popen: Any = sys.modules["subprocess"].Popen
        # not `__init__`: of what it does this is the part that knows the environment
        original = popen._execute_child  # noqa: SLF001
        popen._execute_child = PythonsOnly(original, self._environment)  # noqa: SLF001


class PythonsOnly:
    """Stands for `Popen._execute_child` on Windows, and is it where what is started is no Python.

    So the traceback of a program that cannot be found is what it would be.
    """

    def __init__(self, original: Any, environment: Callable[..., Environment | None]) -> None:
        self._original = original
        self._environment = environment
        self._place = original.__code__.co_varnames.index("env") - 1

    def __get__(self, popen: Any, kind: type | None = None) -> Any:
        original = self._original.__get__(popen, kind)
        words = [] if popen is None else words_of(popen.args)
        if not any(map(is_python, words)):
            return original
        return partial(self._start, words, original)

    def _start(self, words: list[str], original: Callable[..., object], *args: Any) -> object:
        given = list(args)
        with suppress(Exception):  # what is wrong in it, `original` says in its own words
            env = given[self._place]
            made = self._environment(words, None if env is None else decoded(env), None)
            if made is not None:
                given[self._place] = made
        return original(*given)


def words_of(command: Any) -> list[str]:
    """Return the words of what `subprocess` is given to start; none of what it will refuse."""
    if isinstance(command, str):
        return split(command)
    try:
        return list(map(os.fsdecode, command if isinstance(command, list | tuple) else [command]))
    except TypeError:
        return []


def nothing() -> None:
    """Do nothing."""


def split(line: str) -> list[str]:
    """Return the words of a command line of Windows.

    >>> split('"C:/Program Files/Python.exe" -E x.py')
    ['C:/Program Files/Python.exe', '-E', 'x.py']
    """
    words = []
    while line := line.lstrip():
        end, rest = ('"', line[1:]) if line.startswith('"') else (" ", line)
        word, _, line = rest.partition(end)
        words.append(word)
    return words


def decoded(env: Mapping[Any, Any]) -> Environment:
    """Return an environment as texts."""
    return {os.fsdecode(name): os.fsdecode(value) for name, value in env.items()}


def _environment_of(pairs: Sequence[bytes]) -> Environment:
    return dict(os.fsdecode(pair).split("=", 1) for pair in pairs)


@contextmanager
def _put(made: Environment) -> Iterator[None]:
    """Let the process itself have our variables meanwhile, and `os.environ` not know of them."""
    for name in (VARIABLE, PATHS):
        os.putenv(name, made[name])
    try:
        yield
    finally:
        for name in (VARIABLE, PATHS):
            if name in os.environ:
                os.putenv(name, os.environ[name])
            else:
                os.unsetenv(name)
