"""Places in the source: collected as code and instruction offset, named as file:line later.

That a coroutine waits for a connection is known by the coroutines that it awaits: each code object
is looked at once, by its library's file and its name. Which ones these are is given by who makes
the recorder. In a worker the pool of connections says so itself (`work.waiting_for_connection`).
"""

import asyncio
import gc
import inspect
import itertools
import os
from asyncio import runners, taskgroups, tasks, threads
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable, Collection
from functools import partial
from pathlib import Path, PurePath
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType
from typing import Any, cast

from .events import Then
from .trio_code import MAKERS_FILES, WAIT_IN_LIBRARY, LibraryCoroutine, runs_steps

ROOT = Path(__file__).resolve().parents[__name__.count(".")]
"""The folder from which this package is imported, under whatever name; places in it go by it."""


def _working_folder() -> Path:
    """Return the folder in which the program began to be recorded, by which its places go."""
    try:
        here = Path.cwd()
    except OSError:  # it was removed
        return ROOT
    # Below the root of all files stands everything: a service's paths stay whole.
    return ROOT if here == here.parent else here


HERE = _working_folder()
NO_SITE = 0

# A code object names its file as it was imported: by way of a link, if there is one.
_STANDARD_LIBRARY = {
    str(folder) + os.sep
    for file in (Path(asyncio.__file__), Path(asyncio.__file__).resolve())
    for folder in [file.parents[1]]
}
_OWN_FOLDER = Path(__file__).resolve().parent
_OWN_PREFIX = str(Path(__file__).parent) + os.sep
# the second one where the Python is Debian's
_INSTALLED = {"site-packages", "dist-packages"}
# Roles of code: the program's, a library's, or above that a `Then`: what its frame waits for.
_PROGRAM, _LIBRARY = -1, 0
# What else code is, one or several of these.
OF_PROGRAM, OF_LIBRARY, MAKES_FOR_OTHERS, RUNS_A_CALLBACK = 1, 2, 4, 8
_WAITS_OF_ASYNCIO: dict[Then, tuple[Any, ...]] = {
    Then.TIMER: (asyncio.sleep,),
    Then.LOCK: (asyncio.Lock.acquire,),
    Then.SEMAPHORE: (asyncio.Semaphore.acquire,),
    Then.EVENT: (asyncio.Event.wait,),
    Then.CONDITION: (asyncio.Condition.wait,),
    Then.BARRIER: (asyncio.Barrier.wait,),
    Then.QUEUE: (asyncio.Queue.get, asyncio.Queue.put, asyncio.Queue.join),
    Then.STREAM: (
        *(asyncio.StreamReader.read, asyncio.StreamReader.readexactly),
        *(asyncio.StreamReader.readuntil, asyncio.StreamReader.readline),
        *(asyncio.StreamWriter.drain, asyncio.StreamWriter.wait_closed),
    ),
    Then.PROCESS: (Process.wait, Process.communicate),
}
"""On what each of asyncio's own coroutines waits; a subclass of the program that calls one waits on
the same."""
_WAIT_OF_CODE = {
    function.__code__: int(on)
    for on, functions in _WAITS_OF_ASYNCIO.items()
    for function in functions
}
_HELD = (Then.LOCK, Then.SEMAPHORE)


class Sites:
    """The numbered places at which the jobs of a run were suspended.

    A code object is known by its `id` while a reference keeps it alive: hashing one costs
    100 ns on Python 3.12 and newer, because it hashes the bytecode.
    """

    def __init__(
        self, machinery: Collection[Path] = (), connecting: Collection[LibraryCoroutine] = ()
    ) -> None:
        """Know no place yet.

        Args:
            machinery: Folders whose code carries the program out and is not in it.
            connecting: The coroutines that await a connection.
        """
        self._machinery = {_OWN_FOLDER, *machinery}
        self._connecting = frozenset(connecting)
        self._kept: list[CodeType] = []
        self._roles: dict[int, int] = {}
        self._of_files: dict[str, int] = {}
        self._traits: dict[int, int] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self._places: dict[int, tuple[CodeType, int]] = {}
        self._next_number = itertools.count(NO_SITE + 1)
        self._taken = NO_SITE

    def of_suspended(self, coroutine: Any) -> tuple[int, int]:
        """Return where a suspended coroutine waits, and on what if its awaits show it.

        The site is the innermost frame outside of libraries, of which Python's own is one. The way
        leads through coroutines, generators of `__await__` and asynchronous generators; an
        awaitable that is none of them ends it.

        Returns:
            A site number; and what asyncio's own coroutines, or a pool of connections, wait on
            (`Then.TIMER`, `LOCK`, ... `CONNECTION`); 0 if none of them is met.
        """
        on = _LIBRARY
        site: Any = None
        roles = self._roles
        while type(coroutine) is CoroutineType:
            code = coroutine.cr_code
            role = roles.get(id(code))
            if role is None:
                role = self._meet(code)
            if role < 0:
                site = coroutine
            # of several the greatest: a connector that sleeps before it tries again still connects
            elif role > on:
                on = role
            coroutine = coroutine.cr_await
        frame = None if site is None else site.cr_frame
        if coroutine is not None and type(coroutine) is not _FUTURE_ITERATOR:
            frame, on = self._through_generators(coroutine, frame, on)
        if frame is None:
            return NO_SITE, on
        code, offset = frame.f_code, frame.f_lasti
        number = self._numbers.get((id(code), offset))
        if number is None:
            number = self._number(code, offset)
        return number, on

    def _through_generators(
        self, awaitable: Any, frame: FrameType | None, on: int
    ) -> tuple[FrameType | None, int]:
        """Go on with the way where it leaves coroutines; return its innermost own frame."""
        while (suspended := _suspended_in(awaitable)) is not None:
            code, own_frame, awaitable = _parts(suspended)
            role = self._roles.get(id(code))
            if role is None:
                role = self._meet(code)
            if role < 0:
                frame = own_frame
            else:
                on = max(on, role)
        return frame, on

    def of_function(self, function: Callable[..., object]) -> int:
        """Return the site number of a function's definition, inside of any `partial` or wrapper."""
        code = code_of(function)
        if code is None:
            return NO_SITE
        # A reference for each: an `id` may be given again once its object is gone.
        self._kept.append(code)
        return self._numbers.get((id(code), 0)) or self._number(code, 0)

    def of_running(self, frame: FrameType | None) -> int:
        """Return the site that a thread is at: its innermost frame in the measured program.

        It looks no further than the callback that a loop runs, or trio's step: behind that stands
        whoever has started the loop, who does none of it.
        """
        known = self._traits
        while frame is not None:
            code = frame.f_code
            traits = known.get(id(code))
            if traits is None:
                traits = self._find_traits(code)
            if traits & OF_PROGRAM:
                offset = frame.f_lasti
                return self._numbers.get((id(code), offset)) or self._number(code, offset)
            if traits & RUNS_A_CALLBACK:
                break
            frame = frame.f_back
        return NO_SITE

    def is_of_library(self, code: CodeType) -> bool:
        """Return whether code is that of an installed package or of Python itself.

        What is made of a string is the program's.
        """
        traits = self._traits.get(id(code)) or self._find_traits(code)
        return traits & OF_LIBRARY > 0

    def made_by_library(self, frame: FrameType | None) -> bool | None:
        """Return whether a library makes a task, or hands over a call; None if it is not known.

        `gather`, task groups, `to_thread` and the like are passed over: who calls them makes it.
        """
        known = self._traits
        while frame is not None:
            code = frame.f_code
            traits = known.get(id(code))
            if traits is None:
                traits = self._find_traits(code)
            if not traits & MAKES_FOR_OTHERS:
                return None if traits & RUNS_A_CALLBACK else traits & OF_LIBRARY > 0
            frame = frame.f_back
        return None

    def _find_traits(self, code: CodeType) -> int:
        """Return what code is, and note it: each task that is created asks it of several frames."""
        name = code.co_filename
        if (traits := self._of_files.get(name)) is None:
            # once a file: to make a path takes 5 us
            traits = self._of_files[name] = self._traits_of_file(name)
        if _makes_for_others(code):
            traits |= MAKES_FOR_OTHERS
        if _runs_a_callback(code):
            traits |= RUNS_A_CALLBACK
        # What is made of a string may be made again and again, and would be held for ever.
        if not name.startswith("<"):
            self._kept.append(code)
            self._traits[id(code)] = traits
        return traits

    def _traits_of_file(self, name: str) -> int:
        path = PurePath(name)
        if name.startswith("<frozen ") or _is_of_library(path):
            return OF_LIBRARY
        # of what is made of a string nothing runs for the program
        is_programs = path.is_absolute() and path.parent not in self._machinery
        return OF_PROGRAM if is_programs else 0

    def take_new(self) -> list[str]:
        """Return the names of the places met since the last call, in the order of their numbers."""
        new = []
        while (place := self._places.get(self._taken + 1)) is not None:
            self._taken += 1
            new.append(place_name(*place))
        return new

    def _meet(self, code: CodeType) -> int:
        self._kept.append(code)
        role = self._roles[id(code)] = self._role(code)
        return role

    def _role(self, code: CodeType) -> int:
        """Return whether code is the program's or a library's, or on what its frame waits.

        It looks at the name of the file only: the program's loop must not wait for a file system.
        """
        if (on := _WAIT_OF_CODE.get(code)) is not None:
            return on
        path = PurePath(code.co_filename)
        if not _INSTALLED.isdisjoint(path.parts):
            in_library = ("/".join(path.parts[-2:]), code.co_qualname)
            if in_library in self._connecting:
                return int(Then.CONNECTION)
            return WAIT_IN_LIBRARY.get(in_library, _LIBRARY)
        return _LIBRARY if _is_of_library(path) else _PROGRAM

    def _number(self, code: CodeType, offset: int) -> int:
        """Give a place a number, without a lock: a place with two numbers of two threads is right.

        A lock would block the program's loop, and `next` of a counter is one call into C.
        """
        number = next(self._next_number)
        # the place first: another thread may find the number and name it at once
        self._places[number] = (code, offset)
        self._numbers[id(code), offset] = number
        return number


def _is_of_library(path: PurePath) -> bool:
    """Return whether a file is an installed package's, this package's or Python's own."""
    is_pythons = any(map(str(path).startswith, _STANDARD_LIBRARY))
    return is_pythons or path.parent == _OWN_FOLDER or not _INSTALLED.isdisjoint(path.parts)


_MAKERS_FILES = {module.__file__ for module in (tasks, taskgroups, runners, threads)}
_LOOP = asyncio.BaseEventLoop
_MAKERS = (_LOOP.create_task, _LOOP.run_in_executor, _LOOP.run_until_complete)
_MAKERS_CODES = [method.__code__ for method in _MAKERS]
_RUN = "_run"


def _makes_for_others(code: CodeType) -> bool:
    """Return whether code makes tasks, or hands calls over, for whoever calls it."""
    name = code.co_filename
    if name in _MAKERS_FILES or any(code is each for each in _MAKERS_CODES):
        return True
    acts_for_others = name.startswith(_OWN_PREFIX) or name.endswith(MAKERS_FILES)
    return acts_for_others and not _runs_a_callback(code)


def _runs_a_callback(code: CodeType) -> bool:
    """Return whether code is that of a recorded handle, or of trio, which runs a loop's steps."""
    is_handle = code.co_name == _RUN and code.co_filename.startswith(_OWN_PREFIX)
    return is_handle or runs_steps(code)


def code_of(function: Any) -> CodeType | None:
    """Return the code of a function, inside of any `partial` or wrapper; None of one in C."""
    while isinstance(function, partial):
        function = function.func
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code if isinstance(code, CodeType) else None


def object_awaited(coroutine: Any, kinds: tuple[type, ...]) -> Any:
    """Return the lock or the like in whose own method a suspended coroutine waits, or None.

    `kinds` are its possible classes. It is found as what the innermost coroutine refers to: to read
    the variables of a frame would make a dictionary, which lives as long as the frame.
    Source: CPython, `gen_traverse` in `Objects/genobject.c`.
    """
    found = None
    while (suspended := _suspended_in(coroutine)) is not None:
        code, _, inner = _parts(suspended)
        if _WAIT_OF_CODE.get(code) in _HELD:
            found = suspended
        coroutine = inner
    if found is None:
        return None
    return next((each for each in gc.get_referents(found) if isinstance(each, kinds)), None)


def _suspended_in(awaitable: Any) -> Any:
    """Return the generator or coroutine that an awaitable steps through; None if there is none.

    `async for` awaits an object that shows its generator to the garbage collector only, and
    so does the iterator of `coroutine.__await__()`.
    Source: CPython, `async_gen_asend_traverse` in `Objects/genobject.c`.
    """
    if isinstance(awaitable, (CoroutineType, GeneratorType, AsyncGeneratorType)):
        return awaitable
    if type(awaitable).__module__ != "builtins":
        return None
    kinds = (CoroutineType, GeneratorType, AsyncGeneratorType, *_STEPS_OF_ASYNC_GENERATORS)
    inner = next((each for each in gc.get_referents(awaitable) if isinstance(each, kinds)), None)
    return _suspended_in(inner) if isinstance(inner, _STEPS_OF_ASYNC_GENERATORS) else inner


def _parts(awaitable: Any) -> tuple[CodeType, FrameType | None, Any]:
    """Return the code, the frame and what is awaited of a generator of either kind."""
    if isinstance(awaitable, CoroutineType):
        return awaitable.cr_code, awaitable.cr_frame, awaitable.cr_await
    if isinstance(awaitable, GeneratorType):
        return awaitable.gi_code, awaitable.gi_frame, awaitable.gi_yieldfrom
    return awaitable.ag_code, awaitable.ag_frame, awaitable.ag_await


def _steps_of_async_generators() -> tuple[type, ...]:
    async def nothing() -> AsyncGenerator[None]:
        yield

    generator = nothing()
    steps = generator.asend(None), generator.athrow(GeneratorExit)
    for step in steps:
        step.close()
    return tuple(map(type, steps))


def _type_of_future_iterators() -> type:
    """Return the type of what a coroutine awaits when it awaits a future of C."""

    class Loop:
        def get_debug(self) -> bool:
            return False

    future: asyncio.Future[None] = asyncio.Future(loop=cast("Any", Loop()))
    return type(future.__await__())


_STEPS_OF_ASYNC_GENERATORS = _steps_of_async_generators()
_FUTURE_ITERATOR = _type_of_future_iterators()


def place_name(code: CodeType, offset: int) -> str:
    """Return `file:line` of an instruction.

    The file is relative to the folder that this package is in or, of a program of somebody's own,
    that in which it began.
    """
    path = PurePath(code.co_filename)
    for folder in (ROOT, HERE):
        if path.is_relative_to(folder):
            path = path.relative_to(folder)
            break
    return f"{path.as_posix()}:{_line(code, offset)}"


def _line(code: CodeType, offset: int) -> int:
    # in the loop only the offset is noted: to find its line takes a walk through this table
    for start, end, line in code.co_lines():
        if start <= offset < end and line is not None:
            return line
    return code.co_firstlineno
