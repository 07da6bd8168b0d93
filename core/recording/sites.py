"""Places in the source: collected as code and instruction offset, named as file:line later."""

import asyncio
import inspect
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import CodeType, CoroutineType, FrameType
from typing import Any

from core.recording.events import Then

ROOT = Path(__file__).resolve().parents[2]
NO_SITE = 0

_STANDARD_LIBRARY = Path(asyncio.__file__).resolve().parents[1]
_OWN_FOLDER = Path(__file__).resolve().parent
_MACHINERY = (_OWN_FOLDER, ROOT / "core" / "running")
_INSTALLED = "site-packages"
_PROGRAM, _LIBRARY = -1, 0
_SLEEP_CODE = asyncio.sleep.__code__
_CONNECTING = {
    ("aiohttp/connector.py", "BaseConnector.connect"),
    ("asyncpg/pool.py", "Pool._acquire"),
    ("asyncpg/pool.py", "PoolConnectionHolder.acquire"),
}
"""What awaits a connection: the files in the libraries' folder, and the coroutines in them."""


class Sites:
    """The numbered places at which the jobs of a run were suspended.

    A code object is known by its `id` while a reference keeps it alive: hashing one costs
    100 ns on Python 3.12 and newer, because it hashes the bytecode.
    """

    def __init__(self) -> None:
        """Know no place yet."""
        self._kept: list[CodeType] = []
        self._roles: dict[int, int] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self._places: list[tuple[CodeType, int]] = []
        self._taken = 0
        self._numbering = threading.Lock()

    def of_suspended(self, coroutine: Any) -> tuple[int, int]:
        """Return where a suspended coroutine waits, and on what if its awaits tell.

        The site is the innermost frame outside of libraries, of which Python's own is one. A
        library's own awaitable (an async generator, say) ends the walk.

        Returns:
            A site number; and `Then.CONNECTION`, `Then.TIMER` or, if nothing is told, 0.
        """
        on = _LIBRARY
        site: Any = None
        while type(coroutine) is CoroutineType:
            code = coroutine.cr_code
            role = self._roles.get(id(code))
            if role is None:
                role = self._meet(code)
            if role < 0:
                site = coroutine
            elif role > on:
                on = role
            coroutine = coroutine.cr_await
        if site is None:
            return NO_SITE, on
        site_code, offset = site.cr_code, site.cr_frame.f_lasti
        number = self._numbers.get((id(site_code), offset))
        if number is None:
            number = self._number(site_code, offset)
        return number, on

    def of_function(self, function: Callable[..., object]) -> int:
        """Return the site number of a function's definition, inside of any `partial` or wrapper."""
        while isinstance(function, partial):
            function = function.func
        code = getattr(inspect.unwrap(function), "__code__", None)
        if not isinstance(code, CodeType):
            return NO_SITE
        self._kept.append(code)
        return self._numbers.get((id(code), 0)) or self._number(code, 0)

    def of_running(self, frame: FrameType | None) -> int:
        """Return the site that a thread is at: its innermost frame in the measured program."""
        while frame is not None:
            code, offset = frame.f_code, frame.f_lasti
            if _is_of_program(code):
                return self._numbers.get((id(code), offset)) or self._number(code, offset)
            frame = frame.f_back
        return NO_SITE

    def take_new(self) -> list[str]:
        """Return the names of the places met since the last call, in the order of their numbers."""
        new = self._places[self._taken :]
        self._taken += len(new)
        return [place_name(code, offset) for code, offset in new]

    def _meet(self, code: CodeType) -> int:
        self._kept.append(code)
        role = self._roles[id(code)] = _role(code)
        return role

    def _number(self, code: CodeType, offset: int) -> int:
        with self._numbering:
            self._places.append((code, offset))
            number = len(self._places)
            self._numbers[id(code), offset] = number
            return number


def _role(code: CodeType) -> int:
    """Return whether code is the program's or a library's, or on what its frame awaits."""
    path = Path(code.co_filename)
    if code is _SLEEP_CODE:
        return int(Then.TIMER)
    if _INSTALLED in path.parts:
        in_library = ("/".join(path.parts[-2:]), code.co_qualname)
        return int(Then.CONNECTION) if in_library in _CONNECTING else _LIBRARY
    ours = path.parent == _OWN_FOLDER or path.resolve().is_relative_to(_STANDARD_LIBRARY)
    return _LIBRARY if ours else _PROGRAM


def _is_of_program(code: CodeType) -> bool:
    path = Path(code.co_filename)
    ours = path.is_relative_to(ROOT) and _INSTALLED not in path.parts
    return ours and path.parent not in _MACHINERY


def place_name(code: CodeType, offset: int) -> str:
    """Return `file:line` of an instruction, the file relative to the project if it is in it."""
    path = Path(code.co_filename)
    if path.is_relative_to(ROOT):
        path = path.relative_to(ROOT)
    return f"{path.as_posix()}:{_line(code, offset)}"


def _line(code: CodeType, offset: int) -> int:
    for start, end, line in code.co_lines():
        if start <= offset < end and line is not None:
            return line
    return code.co_firstlineno
