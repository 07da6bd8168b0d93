"""Whether somebody's own code is run for a visitor: on a laptop, or where the operator says so.

Who can press Run on such a page can do whatever the server's user can. So without the operator's
word it takes that nobody but this machine's own user can be at the browser, and whatever is not
known counts as another one: the server listens on this machine alone, the connection comes from
this machine, the browser was told an address of this machine, and nothing says that a proxy has
passed the request on. The address alone would not do: a proxy connects from this machine, too.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import settings
from core.own_code.errors import OwnCodeOff
from core.text.language import Text, lazy
from pages.components.server_start import LOOPBACK

PASSED_ON = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"}
)
PASSED_ON_PREFIXES = ("x-forwarded-", "x-original-", "x-envoy-", "x-arr-", "cf-", "fly-", "fastly-")
"""Headers that a proxy adds, and no browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What is known of a server, and of the connection from a visitor's browser.

    Attributes:
        switch: The operator's word, as the environment has it; empty if there is none.
        profile: The profile of limits.
        listens_at: The address at which the server listens; None for everywhere.
        comes_from: The address at the other end of the connection; None if it is not known.
        headers: The names and values of the request's headers.
        url: What the browser says that it has opened; None if it does not.
    """

    switch: str
    profile: str
    listens_at: str | None
    comes_from: str | None
    headers: tuple[tuple[str, str], ...]
    url: str | None


def refusal(visit: Visit) -> Text | None:
    """Return why nobody's own code is run for a visit, in a sentence; None if it is."""
    if visit.switch == "1":
        return None
    if visit.switch == "0":
        return lazy("The operator of this server has switched off own code.")
    if visit.profile != "laptop" or visit.listens_at not in LOOPBACK:
        return lazy(
            "Others can reach this server, so it runs nobody's own code. On your own machine start "
            "it with --server.address=127.0.0.1; as its operator see LOOPSCOPE_OWN_CODE in "
            "docs/hosting.md."
        )
    if not _is_from_here(visit):
        return lazy(
            "This page was not opened on the machine of its server, or a proxy is between, so "
            "nobody's own code is run. Open it as http://localhost, or see LOOPSCOPE_OWN_CODE in "
            "docs/hosting.md."
        )
    return None


def _is_from_here(visit: Visit) -> bool:
    if not _is_loopback(visit.comes_from) or _is_passed_on(name for name, _ in visit.headers):
        return False
    by_name: dict[str, set[str]] = {}
    for name, value in visit.headers:
        by_name.setdefault(name.lower(), set()).add(value)
    # A browser sends both whenever it opens a WebSocket, and no script can change them. A page of
    # another server on this machine has another port in its origin.
    hosts, origins = by_name.get("host", set()), by_name.get("origin", set())
    opened = [*(f"//{host}" for host in hosts), *origins, visit.url or ""]
    places = {_place(url) for url in opened}
    return bool(hosts and origins) and len(places) == 1 and None not in places


def _is_passed_on(names: Iterable[str]) -> bool:
    lowered = [name.lower() for name in names]
    return any(name in PASSED_ON or name.startswith(PASSED_ON_PREFIXES) for name in lowered)


def _place(url: str) -> tuple[str, int] | None:
    """Return the host and port of an address of this machine; None for any other."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    usual = 443 if parts.scheme == "https" else 80
    return (host, port or usual) if host in LOOPBACK else None


def _is_loopback(address: str | None) -> bool:
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped.is_loopback
    return found.is_loopback


def this_visit() -> Visit:
    """Return what is known of the session that asks."""
    comes_from, headers = _connection()
    return Visit(
        switch=os.environ.get(settings.OWN_CODE, ""),
        profile=settings.profile(),
        listens_at=st.get_option("server.address"),
        comes_from=comes_from,
        headers=headers,
        url=st.context.url,
    )


def _connection() -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """Return the address at the other end of this session's connection, and its headers.

    `st.context.ip_address` is None for this machine and for what is not known, alike.
    """
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return None, ()
    client = runtime.get_instance().get_client(context.session_id)
    if client is None or (known := client.client_context) is None:
        return None, ()
    return known.remote_ip, tuple(known.headers)


def check() -> None:
    """Refuse to run code for the session that asks, if it has to be.

    Raises:
        OwnCodeOff: With the reason.
    """
    if (why := refusal(this_visit())) is not None:
        raise OwnCodeOff(why)


def is_open() -> bool:
    """Whether somebody's own code is run for the session that asks."""
    return refusal(this_visit()) is None
