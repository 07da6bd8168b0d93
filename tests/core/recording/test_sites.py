"""Where a suspended coroutine waits."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from types import CodeType
from typing import Any

from core.recording.sites import NO_SITE, ROOT, Sites, place_name

HERE = "tests/core/recording/test_sites.py"


def of_suspended(sites: Sites, coroutine: Coroutine[Any, Any, Any]) -> tuple[int, bool]:
    """Start a coroutine in a task and return what is said of it once it is suspended."""

    async def program() -> tuple[int, bool]:
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
    assert of_suspended(sites, sleeps_deeper()) == (1, True)
    assert sites.take_new() == [f"{HERE}:{line_of(sleeps.__code__)}"]


def test_a_site_has_one_number_and_is_told_once() -> None:
    sites = Sites()
    assert [of_suspended(sites, sleeps())[0] for _ in range(3)] == [1, 1, 1]
    assert len(sites.take_new()) == 1
    assert sites.take_new() == []


def test_a_librarys_own_coroutine_has_no_site_but_is_known_as_a_timer() -> None:
    assert of_suspended(Sites(), asyncio.sleep(9)) == (NO_SITE, True)


def test_an_async_generator_ends_the_walk_where_it_is_used() -> None:
    sites = Sites()
    assert of_suspended(sites, reads()) == (1, False)
    assert sites.take_new() == [f"{HERE}:{line_of(reads.__code__)}"]


def test_a_file_outside_of_the_project_is_named_in_full() -> None:
    name = place_name(asyncio.sleep.__code__, 0)
    assert name.startswith(sys.base_prefix.replace("\\", "/"))
    assert (ROOT / "core").is_dir()
