"""The PostgreSQL server that the operator has named: whether it lets us in, without its secrets."""

import contextlib
import logging
import os
import re
from urllib.parse import parse_qsl, unquote

from core.errors import ServiceUnavailable
from core.settings import MASK, POSTGRES, POSTGRES_SCHEMES
from core.text.language import lazy
from core.text.legible import legible

LOG = logging.getLogger("loopscope.services")
LOGIN_LIMIT_S = 3
SEPARATORS = re.compile(r"[:/@?#%&=\s]+")
QUOTED = re.compile(r'"([^"]*)"')
LEAST_MASKED = 3


def warn_if_unreachable() -> None:
    """Write to the log if a server is named and lets nobody in; runs of other workloads go on."""
    if named := os.environ.get(POSTGRES):
        with contextlib.suppress(ServiceUnavailable):
            log_in(named)


def log_in(address: str) -> None:
    """Connect once to the server that is named; why it fails is for the operator's log alone.

    Whoever asks for a run may be anybody, and libpq's reasons hold parts of the address: users,
    hosts, and of an address that it cannot read also the password.

    Raises:
        ServiceUnavailable: If it cannot be done; without the reason.
    """
    import psycopg  # noqa: PLC0415

    if not address.startswith(POSTGRES_SCHEMES):
        raise _not_usable(f"it must begin with {POSTGRES_SCHEMES[0]}")
    try:
        psycopg.connect(address, connect_timeout=LOGIN_LIMIT_S).close()
    except (psycopg.Error, OSError, ValueError) as error:
        raise _not_usable(without_secrets(str(error), address)) from None


def _not_usable(reason: str) -> ServiceUnavailable:
    """Log the reason, and return what everybody may read."""
    LOG.warning("%s cannot be used: %s", POSTGRES, legible(reason))
    return ServiceUnavailable(
        lazy("the PostgreSQL server that the operator has named"),
        lazy("it lets nobody in"),
        lazy("the server's log says why"),
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
