"""What a session has started is gone with its connection, and with the server that is stopped.

The bounds are what the server promises, not what was measured.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from core.processes import descendants_of
from tests.core.measuring.test_ends import alive, nothing_in_shared_memory
from tests.kit.server import Server, running_app
from tests.kit.sessions import Session, session

pytestmark = pytest.mark.real

PAGE = "run_in_executor"
TAB_LIMIT_S = 2.0
STOP_LIMIT_S = 0.5
__all__ = ["nothing_in_shared_memory"]


@contextlib.asynccontextmanager
async def at_work(server: Server) -> AsyncIterator[Session]:
    """Open a tab and let it measure jobs of many seconds in a pool of processes."""
    query = "tasks=4&sleep=5000ms&executor=processes&workers=2&automatic=off"
    async with session(server.stream, PAGE, query) as tab:
        await tab.settle()
        tab.press(f"{PAGE} run")
        await tab.rerun()
        give_up_s = time.monotonic() + 20
        while len(working(server)) < 3:
            assert time.monotonic() < give_up_s
            await asyncio.sleep(0.05)
        yield tab


def working(server: Server) -> set[int]:
    """Return the measuring children and the workers of their pools."""
    children = server.measuring_children()
    return children.union(*map(descendants_of, children))


async def assert_gone_within(left: Callable[[], object], limit_s: float) -> None:
    give_up_s = time.monotonic() + limit_s
    while found := left():
        assert time.monotonic() < give_up_s, found
        await asyncio.sleep(0.01)


async def close(tab: Session) -> None:
    await tab.socket.close()


async def lose(tab: Session) -> None:
    """Cut the connection without a word."""
    tab.socket.transport.abort()


@pytest.mark.usefixtures("nothing_in_shared_memory")
@pytest.mark.parametrize("leave", [close, lose])
def test_a_run_and_its_pool_are_gone_soon_after_the_connection(
    leave: Callable[[Session], "asyncio.Future[None]"],
) -> None:
    async def visit(server: Server) -> None:
        async with at_work(server) as tab:
            started = working(server)
            await leave(tab)
            await assert_gone_within(lambda: alive(started), TAB_LIMIT_S)

    with running_app() as server:
        asyncio.run(visit(server))


@pytest.mark.usefixtures("nothing_in_shared_memory")
def test_a_server_that_is_stopped_takes_its_runs_with_it(tmp_path: Path) -> None:
    async def visit(server: Server) -> None:
        async with at_work(server):
            started = working(server)
            os.kill(server.pid, signal.SIGTERM)
            await assert_gone_within(lambda: alive(started), STOP_LIMIT_S)

    with running_app(environment={"TMPDIR": str(tmp_path)}) as server:
        asyncio.run(visit(server))
    assert list(tmp_path.iterdir()) == []
