"""Where a suspended coroutine waits."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from types import CodeType
from typing import Any

import pytest

from core.recording.events import Then
from core.recording.sites import NO_SITE, ROOT, Sites, place_name

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


def test_the_standard_librarys_own_frames_are_not_the_programs() -> None:
    sites = Sites()
    of_suspended(sites, enters())
    assert sites.take_new() == [f"{HERE}:{line_of(enters.__code__)}"]


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
    sites = Sites()
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


def test_an_async_generator_ends_the_walk_where_it_is_used() -> None:
    sites = Sites()
    assert of_suspended(sites, reads()) == (1, Then.NOTHING)
    assert sites.take_new() == [f"{HERE}:{line_of(reads.__code__)}"]


def test_a_file_outside_of_the_project_is_named_in_full() -> None:
    name = place_name(asyncio.sleep.__code__, 0)
    assert name.startswith(sys.base_prefix.replace("\\", "/"))
    assert (ROOT / "core").is_dir()
