"""A query that PostgreSQL answers after the job's time: the wait is for the database."""

import atexit
import errno
import functools
import logging
import math
import os
import threading
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from core.jobs import JobKind, Plan, time_log
from core.recording.work import waiting_for_connection
from core.workloads import InScript, Workload
from core.workloads.failures import (
    LoginRefused,
    QueryFailed,
    ServiceFailure,
    TooManyConnections,
    clear_errors,
    common_failure,
    disconnected,
    failure_as_said,
    no_answer,
    nobody_listens,
)

TIMEOUT_S = 90.0
"""Longer than any run takes at best: a query that takes so long is stuck, not slow."""

QUERY = "SELECT pg_sleep($1)"
REFUSED_QUERY = "SELECT 1 / (pg_sleep($1) IS NULL)::int"
"""Sleeps as well, and divides by zero then."""

FULL = ("too many clients", "too many connections", "connection slots are reserved")
NOT_LET_IN = ("authentication failed", "no pg_hba.conf entry", "no password supplied")
CONSUMING_AN_ERROR = "another operation (2) is in progress"
"""What asyncpg says where a server ends a connection between the messages of one query: it is about
to read the server's last error. Source: `PROTOCOL_ERROR_CONSUME` in asyncpg's `coreproto.pxd`."""

_opening = threading.Lock()


def why(error: Exception, plan: Plan) -> ServiceFailure | None:
    """Return in our own words what an error of asyncpg means."""
    import asyncpg  # type: ignore[import-untyped]  # noqa: PLC0415

    if isinstance(error, asyncpg.TooManyConnectionsError):
        return failure_as_said(TooManyConnections, str(error))
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return failure_as_said(LoginRefused, str(error))
    ended = isinstance(error, asyncpg.InternalClientError) and CONSUMING_AN_ERROR in str(error)
    if ended or isinstance(error, asyncpg.PostgresConnectionError | asyncpg.AdminShutdownError):
        return disconnected()
    if isinstance(error, asyncpg.PostgresError):
        return failure_as_said(QueryFailed, str(error))
    if isinstance(error, FileNotFoundError):
        return nobody_listens(place(plan.service))
    return common_failure(error, place(plan.service), TIMEOUT_S)


def why_blocking(error: Exception, plan: Plan) -> ServiceFailure | None:
    """Return in our own words what an error of psycopg means; a connection fails with a text."""
    from psycopg import Error, errors  # noqa: PLC0415
    from psycopg_pool import PoolTimeout  # noqa: PLC0415

    if isinstance(error, PoolTimeout | errors.ConnectionTimeout | errors.QueryCanceled):
        return no_answer(TIMEOUT_S)
    common = common_failure(error, place(plan.service), TIMEOUT_S)
    if common is None and isinstance(error, errors.OperationalError):
        return _why_not_connected(str(error), plan)
    if common is None and isinstance(error, Error):
        return failure_as_said(QueryFailed, str(error))
    return common


def _why_not_connected(said: str, plan: Plan) -> ServiceFailure:
    if any(text in said for text in FULL):
        return failure_as_said(TooManyConnections, said)
    if any(text in said for text in NOT_LET_IN):
        return failure_as_said(LoginRefused, said)
    if os.strerror(errno.ENOENT) in said:
        return nobody_listens(place(plan.service))
    return disconnected()


@clear_errors(why)
async def postgres(plan: Plan, pool: Any, index: int) -> str:
    async with pool.acquire() as connection:
        await connection.fetch(query(plan, index), plan.sleep_s(index))
    if index == plan.failing:
        raise RuntimeError(f"job {index + 1} went wrong")
    time_log(f"job {index + 1}")
    return f"job {index + 1}"


@clear_errors(why_blocking)
def postgres_blocking(plan: Plan, index: int) -> str:
    with pool(plan.service, plan.connections).connection() as connection:
        connection.execute(query(plan, index), [plan.sleep_s(index)])
    if index == plan.failing:
        raise RuntimeError(f"job {index + 1} went wrong")
    time_log(f"job {index + 1}")
    return f"job {index + 1}"


def _lack_of_files() -> OSError | None:
    """Return the error of opening a file, if none can be opened: libpq does not report it.

    It becomes the cause of the error that is handled meanwhile, so that one must not be its context
    as well: Dask's workers pickle errors with both, and would go round and round.
    """
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        error.__context__ = None
        return error
    return None


def query(plan: Plan, index: int) -> str:
    """Return what a job asks: to sleep, and to fail then if it shall be refused."""
    return REFUSED_QUERY if plan.is_refused(index) else QUERY


def place(address: str) -> str:
    """Return where a server is, without the name and the password that its address may hold."""
    parts = urlsplit(address)
    sockets = parse_qs(parts.query).get("host", [])
    return sockets[0] if sockets else parts.netloc.rpartition("@")[2]


def asyncio_pool(plan: Plan) -> AbstractAsyncContextManager[Any]:
    """Open the pool that all coroutine jobs of a run share; it connects when it is asked to."""
    import asyncpg  # noqa: PLC0415

    pool: AbstractAsyncContextManager[Any] = asyncpg.create_pool(
        plan.service,
        min_size=0,
        max_size=plan.connections,
        timeout=TIMEOUT_S,
        command_timeout=TIMEOUT_S,
    )
    return pool


def pool(service: str, connections: int) -> Any:
    """Return the pool that all blocking jobs of this process share."""
    with _opening:  # or threads that come together would each open one
        return _opened_pool(service, connections)


@functools.lru_cache(maxsize=1)
def _opened_pool(service: str, connections: int) -> Any:
    import psycopg  # noqa: PLC0415

    logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())
    opened = _pool_class()(
        service,
        kwargs={
            "autocommit": True,
            "cursor_factory": psycopg.RawCursor,
            "connect_timeout": math.ceil(TIMEOUT_S),
            "options": f"-c statement_timeout={round(TIMEOUT_S * 1000)}",
        },
        min_size=0,
        max_size=connections,
        timeout=TIMEOUT_S,
        reconnect_timeout=0,
        reconnect_failed=lambda failed: failed.grow_for_those_who_wait(),
        open=True,
    )
    atexit.register(opened.close)
    return opened


def _pool_class() -> Any:
    import psycopg  # noqa: PLC0415
    from psycopg_pool import ConnectionPool  # noqa: PLC0415

    class Pool(ConnectionPool[Any]):
        """A pool that lets those who wait know at once why it cannot connect, one at an attempt."""

        def getconn(self, timeout: float | None = None) -> Any:
            with waiting_for_connection():
                return super().getconn(timeout)

        def _connect(self, timeout: float | None = None) -> Any:
            try:
                return super()._connect(timeout)
            except psycopg.Error as error:
                error.__cause__ = error.__cause__ or _lack_of_files()
                with self._lock:
                    waiting = self._waiting.popleft() if self._waiting else None
                if waiting is not None:
                    waiting.fail(error)
                raise

        def grow_for_those_who_wait(self) -> None:
            with self._lock:
                if self._waiting:
                    self._maybe_grow_pool()

    return Pool


DSN = 'os.environ["LOOPSCOPE_POSTGRES_DSN"]'
ASKED = f'"{REFUSED_QUERY}" if plan.is_refused(index) else "{QUERY}"'
IN_SCRIPT = {
    JobKind.COROUTINE: InScript(
        given="pool",
        opening=(
            f"dsn = {DSN}",
            "async with asyncpg.create_pool(",
            "    dsn, min_size=0, max_size=plan.connections",
            ") as pool:",
        ),
        instead={"query(plan, index)": ASKED},
        imports=("import asyncpg", "import os"),
    ),
    JobKind.BLOCKING: InScript(
        given="dsn",
        opening=(f"dsn = {DSN}",),
        instead={
            "pool(plan.service, plan.connections)": "pool_of_process(dsn)",
            "query(plan, index)": ASKED.replace("$1", "%s"),
        },
        before=(
            """@functools.cache
def pool_of_process(dsn):
    pool = ConnectionPool(
        dsn, min_size=0, max_size=plan.connections, open=True
    )
    atexit.register(pool.close)
    return pool""",
        ),
        imports=(
            "import atexit",
            "import functools",
            "import os",
            "from psycopg_pool import ConnectionPool",
        ),
    ),
}
WORKLOAD = Workload(
    name="postgres",
    title="PostgreSQL",
    coroutine=postgres,
    blocking=postgres_blocking,
    opens=asyncio_pool,
    needs="postgres",
    connects=True,
    connecting=(
        ("asyncpg/pool.py", "Pool._acquire"),
        ("asyncpg/pool.py", "PoolConnectionHolder.acquire"),
    ),
    imports=("psycopg", "psycopg_pool"),
    in_script=IN_SCRIPT,
    packages={JobKind.COROUTINE: "asyncpg", JobKind.BLOCKING: "'psycopg[binary,pool]'"},
)
