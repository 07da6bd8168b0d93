"""Which commands start a Python, and whether it looks at the environment that it is given.

It is told by the words of a command, before anything runs: a Python is called like one. One may
stand behind another program: a shell that is given a line or a script, `env` and its like, or the
line `#!` of a script. What no word says, such as a name in a variable of a shell, is not seen.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from typing import Any

SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"})
STARTERS = frozenset(
    (
        *("env", "exec", "nice", "nohup", "time", "timeout", "setsid", "stdbuf", "ionice", "chrt"),
        *("taskset", "unbuffer", "xargs", "strace", "gosu", "tini", "dumb-init", "catchsegv"),
    )
)
"""Programs that do nothing but start another one, which is among their words."""
KEYWORDS = frozenset(
    (
        *("if", "then", "else", "elif", "while", "until", "do"),
        *("!", "{", "time", "exec", "command", "builtin"),
    )
)
"""What may stand before a command in a line of a shell."""
CLEARS = frozenset({"-i", "-", "--ignore-environment"})
"""Words with which `env` gives no environment to what it starts."""
DEEPEST = 5
"""Of programs that start one another no more are looked through."""
MOST_READ = 65_536
"""How many bytes of a script are read."""
PATHS = "PYTHONPATH"
ENDS = ";&|()`\n"


class Start(Enum):
    """What a command starts."""

    NO_PYTHON = "no Python, for all that is known"
    DEAF = "a Python that looks at no environment, or has a path of its own there"
    PYTHON = "a Python that can be told of a recording"


class Commands:
    """Finds Pythons in commands that would run in a folder, with an environment."""

    def __init__(self, cwd: Any, environment: Mapping[str, str]) -> None:
        self._cwd = os.fsdecode(cwd) if cwd else "."
        self._folders = environment.get("PATH", os.defpath).split(os.pathsep)

    def starts(self, program: str, arguments: Sequence[str], depth: int = 0) -> Start:
        """Return what a program starts, or is."""
        found = self._known(program, arguments, depth)
        if found is not Start.NO_PYTHON:
            return found
        # Of a program that is not known nothing is claimed, but that it may start what it names.
        return Start.PYTHON if any(map(is_python, arguments)) else Start.NO_PYTHON

    def _known(self, program: str, arguments: Sequence[str], depth: int) -> Start:
        if depth > DEEPEST:
            return Start.NO_PYTHON
        if is_python(program):
            return Start.DEAF if is_deaf(arguments) else Start.PYTHON
        name = _name(program)
        if name in SHELLS:
            return self._in_shell(self._text_for_shell(arguments), depth)
        if name in STARTERS:
            return self._behind(arguments, depth, clears=name == "env")
        return self._in_script(program, arguments, depth)

    def _behind(self, words: Sequence[str], depth: int, *, clears: bool = False) -> Start:
        """Return what the first of these words starts that starts anything."""
        for place, word in enumerate(words):
            if word.startswith("-") or _is_assignment(word):
                continue
            found = self._known(word, words[place + 1 :], depth + 1)
            if found is not Start.NO_PYTHON:
                before = words[:place]
                is_cleared = clears and not CLEARS.isdisjoint(before)
                return Start.DEAF if is_cleared or _has_paths(before) else found
        return Start.NO_PYTHON

    def _in_shell(self, text: str, depth: int) -> Start:
        """Return the best of what the commands in a text for a shell start."""
        found = {self._behind_keywords(words, depth) for words in commands_in(text)}
        return next(each for each in (Start.PYTHON, Start.DEAF, Start.NO_PYTHON) if each in found)

    def _behind_keywords(self, words: list[str], depth: int) -> Start:
        for place, word in enumerate(words):
            if word in KEYWORDS:
                continue
            if _is_assignment(word):
                continue
            found = self.starts(word, words[place + 1 :], depth + 1)
            is_deaf_now = found is Start.PYTHON and _has_paths(words[:place])
            return Start.DEAF if is_deaf_now else found
        return Start.NO_PYTHON

    def _text_for_shell(self, arguments: Sequence[str]) -> str:
        """Return what a shell is to carry out: the word behind its `-c`, or what is in a script."""
        for place, word in enumerate(arguments):
            if word.startswith("-") and not word.startswith("--") and "c" in word:
                return arguments[place + 1] if place + 1 < len(arguments) else ""
            if not word.startswith(("-", "+")):
                return self._read(word, "")
        return ""

    def _in_script(self, program: str, arguments: Sequence[str], depth: int) -> Start:
        """Return what a script starts, by its line `#!`."""
        text = self._read(program, "#!")
        words = text[2:].partition("\n")[0].split()
        if not words:
            return Start.NO_PYTHON
        if _name(words[0]) in SHELLS:
            return self._in_shell(text, depth + 1)
        return self._known(words[0], [*words[1:], program, *arguments], depth + 1)

    def _read(self, program: str, start: str) -> str:
        """Return what is in the file that a command means; empty if it does not start so."""
        folders = ["."] if os.path.dirname(program) else self._folders  # noqa: PTH120
        for folder in folders:
            path = os.path.join(self._cwd, folder, program)  # noqa: PTH118
            with suppress(OSError, ValueError):
                if os.path.isfile(path):  # noqa: PTH113 - children have no pathlib yet
                    with open(path, "rb") as file:  # noqa: PTH123
                        if file.read(len(start)) != start.encode():
                            return ""
                        return start + file.read(MOST_READ).decode(errors="replace")
        return ""


def commands_in(text: str) -> Iterator[list[str]]:
    """Yield the words of each command in a text for a shell; a line that it ends within is one.

    >>> list(commands_in('cd x && "my python" a.py'))
    [['cd', 'x'], ['my python', 'a.py']]
    """
    import shlex  # noqa: PLC0415 - most processes start no shell

    without_comments = re.sub(r"(?m)^\s*#.*$", "", text).replace("\\\n", " ")
    lexer = shlex.shlex(without_comments, posix=True, punctuation_chars=ENDS)
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:
            if word.strip(ENDS):
                words.append(word)
            else:
                yield words
                words = []
    except ValueError:  # a quotation that does not end, as far as this can tell
        pass
    yield words


def is_python(program: str) -> bool:
    """Return whether a program is called like a Python."""
    name = _name(program)
    is_called_so = name.startswith("python") and not name[len("python") :].strip("0123456789.wtd_")
    return is_called_so or program == sys.executable


def is_deaf(arguments: Sequence[str]) -> bool:
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


def _name(program: str) -> str:
    return os.path.basename(program).lower().removesuffix(".exe")  # noqa: PTH119


def _is_assignment(word: str) -> bool:
    return word.partition("=")[0].isidentifier() and "=" in word


def _has_paths(words: Sequence[str]) -> bool:
    """Return whether words give a Python a path in which ours is not."""
    return any(
        word.startswith(f"{PATHS}=") and not re.search(rf"\$\{{?{PATHS}\b", word) for word in words
    )
