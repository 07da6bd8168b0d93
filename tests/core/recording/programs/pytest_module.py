"""pytest itself, by `-m`: asynchronous tests of two plugins' kinds, and one that fails."""
# needs: pytest pytest_asyncio anyio
# runs: -m pytest
# arguments: -q -p no:cacheprovider -p no:randomly -c pytest.ini program.py
# jobs: some
# status: 1

import asyncio

import pytest


@pytest.mark.asyncio
async def test_of_pytest_asyncio():
    assert await asyncio.create_task(asyncio.sleep(0.001, 3)) == 3


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_of_anyio(anyio_backend):
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0))


def test_by_itself():
    assert asyncio.run(asyncio.sleep(0, 4)) == 5
