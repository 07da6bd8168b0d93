"""Where a suspended coroutine waits."""

import asyncio
import inspect
import itertools
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from core.recording import sites as sites_module
from core.recording.events import Then
from core.recording.sites import NO_SITE, OF_PROGRAM, ROOT, Sites, place_name
from core.timeline.timeline import On, State
from core.workloads import WORKLOADS
from tests.kit.virtual import run_here

HERE = "tests/core/recording/test_sites.py"


def of_suspended(sites: Sites, coroutine: Coroutine[Any, Any, Any]) -> tuple[int, int]:
    """Start a coroutine in a task and return what is said of it once it is suspended."""

    async def program() -> tuple[int, int]:
        task = asyncio.create_task(coroutine)
        await asyncio.sleep(0)
        found = sites.of_suspended(task.get_coro())
        task.cancel()
        return found

    return asyncio.run(program())


async def sleeps() -> None:
    await asyncio.sleep(9)


async def sleeps_deeper() -> None:
    await sleeps()


async def reads() -> None:
    async for _ in numbers():
        pass


async def numbers() -> AsyncIterator[int]:
    await asyncio.sleep(9)
    yield 1


def line_of(code: CodeType, after: int = 1) -> int:
    return code.co_firstlineno + after


def test_a_site_is_the_innermost_line_outside_of_asyncio() -> None:
    sites = Sites()
    assert of_suspended(sites, sleeps_deeper()) == (1, Then.TIMER)
    assert sites.take_new() == [f"{HERE}:{line_of(sleeps.__code__)}"]


def test_a_site_has_one_number_and_is_told_once() -> None:
    sites = Sites()
    assert [of_suspended(sites, sleeps())[0] for _ in range(3)] == [1, 1, 1]
    assert len(sites.take_new()) == 1
    assert sites.take_new() == []


def test_a_librarys_own_coroutine_has_no_site_but_is_known_as_a_timer() -> None:
    assert of_suspended(Sites(), asyncio.sleep(9)) == (NO_SITE, Then.TIMER)


@asynccontextmanager
async def slow_to_enter() -> AsyncIterator[None]:
    await asyncio.sleep(9)
    yield


async def enters() -> None:
    async with slow_to_enter():
        pass


def test_frames_of_the_standard_library_are_passed_on_the_way_to_the_programs_own() -> None:
    sites = Sites()
    assert of_suspended(sites, enters()) == (1, Then.TIMER)
    assert sites.take_new() == [f"{HERE}:{line_of(inspect.unwrap(slow_to_enter).__code__, 2)}"]


CONNECTING = [each for workload in WORKLOADS.values() for each in workload.connecting]


def test_who_names_no_coroutine_of_a_library_learns_of_no_connection() -> None:
    library = "/opt/site-packages/asyncpg/pool.py"
    suspended = through(in_library(library, "Pool._acquire"))
    assert of_suspended(Sites(), suspended) == (1, Then.TIMER)


@pytest.mark.parametrize(
    ("file", "name", "on"),
    [
        ("aiohttp/connector.py", "BaseConnector.connect", Then.CONNECTION),
        ("asyncpg/pool.py", "Pool._acquire", Then.CONNECTION),
        ("asyncpg/pool.py", "PoolConnectionHolder.acquire", Then.CONNECTION),
        ("asyncpg/pool.py", "Pool.close", Then.NOTHING),
        ("other/pool.py", "Pool._acquire", Then.NOTHING),
    ],
)
def test_what_a_library_awaits_is_known_by_its_file_and_name(
    file: str, name: str, on: Then
) -> None:
    """The innermost frame sleeps here: that a connection is awaited counts for more."""
    sites = Sites(connecting=CONNECTING)
    library = f"/opt/site-packages/{file}"
    sleeping = of_suspended(sites, through(in_library(library, name)))
    assert sleeping == (1, on or Then.TIMER)
    assert sites.take_new() == [f"{HERE}:{line_of(through.__code__)}"]


async def through(coroutine: Coroutine[Any, Any, Any]) -> None:
    await coroutine


def in_library(file: str, name: str) -> Coroutine[Any, Any, Any]:
    """Return a coroutine that sleeps, of a function of this name in this file."""
    made: dict[str, Any] = {}
    code = compile("async def function(inner):\n    await inner", file, "exec")
    exec(code, made)  # noqa: S102 - our own text, with a file name that no test could have
    function = made["function"]
    function.__code__ = function.__code__.replace(co_qualname=name)
    coroutine: Coroutine[Any, Any, Any] = function(asyncio.sleep(9))
    return coroutine


async def closes() -> None:
    generator = numbers_with_an_end()
    await anext(generator)
    await generator.aclose()


async def numbers_with_an_end() -> AsyncGenerator[int]:
    try:
        yield 1
    finally:
        await asyncio.sleep(9)


class OwnAwaitable:
    def __await__(self) -> Generator[Any, Any, None]:
        yield from asyncio.sleep(9).__await__()


async def awaits_its_own() -> None:
    await OwnAwaitable()


async def awaits_the_iterator_of_a_coroutine() -> None:
    class Lazy:
        def __await__(self) -> Generator[Any, Any, None]:
            return sleeps().__await__()

    await Lazy()


async def takes_the_next() -> None:
    await anext(numbers())


@pytest.mark.parametrize(
    ("waits", "code", "line"),
    [
        (reads, numbers.__code__, 1),
        (closes, numbers_with_an_end.__code__, 4),
        (awaits_its_own, OwnAwaitable.__await__.__code__, 1),
        (awaits_the_iterator_of_a_coroutine, sleeps.__code__, 1),
        (takes_the_next, numbers.__code__, 1),
    ],
)
def test_the_way_leads_through_generators_of_all_kinds_to_the_innermost_own_line(
    waits: Callable[[], Coroutine[Any, Any, Any]], code: CodeType, line: int
) -> None:
    sites = Sites()
    assert of_suspended(sites, waits()) == (1, Then.TIMER)
    assert sites.take_new() == [f"{HERE}:{line_of(code, line)}"]


def test_an_awaitable_that_shows_nothing_of_itself_ends_the_way() -> None:
    class Opaque:
        def __await__(self) -> Iterator[None]:
            return itertools.repeat(None)

    async def waits() -> None:
        await Opaque()  # type: ignore[misc]

    sites = Sites()
    assert of_suspended(sites, waits()) == (1, Then.NOTHING)


def test_the_file_system_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def asks(*_: object) -> None:
        raise AssertionError("a file was looked at")

    for name in ("stat", "lstat", "readlink", "getcwd"):
        monkeypatch.setattr(os, name, asks)
    sites = Sites()
    assert of_suspended(sites, sleeps_deeper()) == (1, Then.TIMER)
    assert sites.of_function(sleeps) > 1
    assert len(sites.take_new()) == 2


def test_a_file_outside_of_the_project_is_named_in_full() -> None:
    name = place_name(asyncio.sleep.__code__, 0)
    assert name.startswith(sys.base_prefix.replace("\\", "/"))
    assert (ROOT / "core").is_dir()


def test_a_file_below_the_folder_in_which_a_program_began_goes_by_that(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sites_module, "HERE", sites_module._working_folder())
    named = place_name(of_file(tmp_path / "app" / "views.py"), 0)
    assert named.startswith("app/views.py:")


def test_below_the_root_of_all_files_paths_stay_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path.anchor)
    assert sites_module._working_folder() == ROOT


def of_file(path: Path | str) -> CodeType:
    return place_name.__code__.replace(co_filename=str(path))


def test_what_carries_a_program_out_is_no_place_of_the_program() -> None:
    measuring = ROOT / "core" / "measuring"
    sites = Sites([measuring])
    files = [*(ROOT / "core" / "recording").glob("*.py"), *measuring.glob("*.py")]
    assert files
    assert not any(sites._find_traits(of_file(file)) & OF_PROGRAM for file in files)
    assert sites._find_traits(of_file(ROOT / "core" / "patterns" / "gather.py")) & OF_PROGRAM
    assert Sites()._find_traits(of_file(measuring / "program.py")) & OF_PROGRAM


def test_the_program_is_wherever_no_library_is() -> None:
    sites = Sites()
    assert sites._find_traits(of_file("/home/somebody/main.py")) & OF_PROGRAM
    others = [pytest.__file__, asyncio.__file__, inspect.__file__, "<frozen runpy>", "<string>"]
    assert [file for file in others if sites._find_traits(of_file(file)) & OF_PROGRAM] == []


def test_of_code_that_is_made_of_strings_again_and_again_nothing_is_held() -> None:
    sites = Sites()
    assert sites.is_of_library(of_file(asyncio.__file__))
    assert not any(sites.is_of_library(of_file("<string>")) for _ in range(3))
    assert [code.co_filename for code in sites._kept] == [asyncio.__file__]


async def locks() -> None:
    lock = asyncio.Lock()
    async with lock, lock:
        pass


async def takes_a_slot() -> None:
    slots = asyncio.Semaphore(1)
    async with slots, slots:
        pass


async def awaits_an_event() -> None:
    await asyncio.Event().wait()


async def awaits_a_condition() -> None:
    condition = asyncio.Condition()
    async with condition:
        await condition.wait_for(bool)


async def meets_others() -> None:
    await asyncio.Barrier(2).wait()


async def gets() -> None:
    await asyncio.Queue[int]().get()


async def puts() -> None:
    queue = asyncio.Queue[int](1)
    await queue.put(1)
    await queue.put(2)


async def joins() -> None:
    queue = asyncio.Queue[int]()
    queue.put_nowait(1)
    await queue.join()


async def reads_a_stream() -> None:
    await asyncio.StreamReader().readline()


async def iterates_over_lines() -> None:
    async for _line in asyncio.StreamReader():
        pass


class OwnLock(asyncio.Lock):
    async def acquire(self) -> Any:
        return await super().acquire()


async def locks_in_a_way_of_its_own() -> None:
    lock = OwnLock()
    await lock.acquire()
    await lock.acquire()


@pytest.mark.parametrize(
    ("job", "on"),
    [
        (sleeps, Then.TIMER),
        (locks, Then.LOCK),
        (locks_in_a_way_of_its_own, Then.LOCK),
        (takes_a_slot, Then.SEMAPHORE),
        (awaits_an_event, Then.EVENT),
        (awaits_a_condition, Then.CONDITION),
        (meets_others, Then.BARRIER),
        (gets, Then.QUEUE),
        (puts, Then.QUEUE),
        (joins, Then.QUEUE),
        (reads_a_stream, Then.STREAM),
        (iterates_over_lines, Then.STREAM),
    ],
)
def test_a_wait_is_told_by_what_of_asyncio_is_awaited(
    job: Callable[[], Coroutine[Any, Any, None]], on: Then
) -> None:
    site, told = of_suspended(Sites(), job())
    assert (site != NO_SITE, told) == (True, on)


@pytest.mark.real
def test_a_wait_for_another_process_is_told_also_through_its_streams() -> None:
    async def waits() -> None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "import time; time.sleep(0.05)"),
            stdout=asyncio.subprocess.PIPE,
        )
        await process.communicate()

    async def pattern(job: Any, count: int) -> None:
        await asyncio.gather(*[job(index) for index in range(count)])

    timeline = run_here(pattern, lambda _index: waits(), 1).timeline
    spans = timeline.spans
    assert On.PROCESS in spans.on[spans.state == State.WAITING].tolist()
