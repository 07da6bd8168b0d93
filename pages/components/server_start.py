"""The start of the server: what is looked at before it answers, who can reach it, what it sends.

`streamlit run` imports `app.py` after it has bound its port and before it answers; an error here
ends the process. Where a platform starts the script in another way, sessions import the same
settings, and the first that comes ends a server whose settings are wrong.
"""

import asyncio
import contextlib
import os
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import net_util

HERE = "127.0.0.1"
FIRST_OF_OURS = 3
"""The first descriptor after the standard streams."""
LOOPBACK = frozenset({HERE, "::1", "localhost"})
OPENING_ATTEMPTS, OPENING_PAUSE_S = 40, 0.25
ADDRESS_OPTION = "STREAMLIT_SERVER_ADDRESS"
COMMUNITY_CLOUD = Path("/mount/src")
"""Where Streamlit Community Cloud checks repositories out, as its tracebacks show."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": "frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
}
"""No other site may put a page into a frame, no browser may guess what a file is."""

HEAD = b"<head>"
BASE_SCRIPT = (
    b"<script>"
    b"window.__streamlit = { BACKEND_BASE_URL: new URL('./', location.href).href };"
    b"</script>"
)


def prepared() -> dict[str, Any]:
    """Return what `st.App` is made with; a setting that is wrong ends the process with status 2.

    What stands at the top of the secrets is in the environment once they have been read, so
    `core`, which looks at the environment as it is imported, comes after them.
    """
    _read_secrets()
    from core import settings  # noqa: PLC0415 - see above

    if _is_for_this_machine(settings.profile()):
        _start_again_at(HERE)
    return {"lifespan": _life, "middleware": [Middleware(SafeHeaders), Middleware(KnownBase)]}


def _read_secrets() -> None:
    """Read the secrets; a file that cannot be read would leave a server without its settings."""
    try:
        st.secrets.to_dict()
    except st.errors.StreamlitSecretNotFoundError as error:
        if error.error_id != "no-secrets-found":
            from core import settings  # noqa: PLC0415 - as in `prepared`

            settings.end(settings.secrets_unreadable())


def _is_for_this_machine(profile: str) -> bool:
    """Whether nobody has said where to listen, and the one who asks owns the machine."""
    return (
        st.get_option("server.address") is None
        and profile == "laptop"
        and COMMUNITY_CLOUD not in Path(__file__).parents
    )


def _start_again_at(address: str) -> None:
    """Replace this process by one that listens at an address; it keeps its id and its command.

    Streamlit takes the address from its configuration alone, which is one file for laptops,
    containers and Community Cloud, and has bound its port, on all addresses, when we are asked.
    """
    if sys.platform == "win32":  # where `exec` leaves the shell with another process
        return
    os.environ[ADDRESS_OPTION] = address
    sys.stdout.flush()
    os.closerange(FIRST_OF_OURS, os.sysconf("SC_OPEN_MAX"))  # the bound socket is inheritable
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own command


class SafeHeaders:
    """Adds `HEADERS` to each answer; what an answer says itself stands."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with more headers."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


class KnownBase:
    """Writes into a page's HTML where the server is, so that a browser need not look for it.

    Without that a browser that opens `/gather` takes `/gather/` for a place where a server may be:
    it asks for `/gather/_stcore/health` first, gets a 404, and says so in its console. The address
    is found by the browser, as that of its scripts is, so it holds behind a proxy as well.
    Source: Streamlit 1.67, `window.__streamlit` in its index.js.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with one line more in HTML."""
        start: Message | None = None
        parts: list[bytes] = []

        async def sending(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
            elif start is None:
                await send(message)
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    body = b"".join(parts).replace(HEAD, HEAD + BASE_SCRIPT, 1)
                    if parts[0]:
                        MutableHeaders(scope=start)["Content-Length"] = str(len(body))
                    await send(start)
                    await send({"type": "http.response.body", "body": body})

        if scope["type"] == "http" and "text/html" in Headers(scope=scope).get("Accept", ""):
            await self._app(_uncompressed(scope), receive, sending)
        else:
            await self._app(scope, receive, send)


def _uncompressed(scope: Scope) -> Scope:
    """Return a request that wants its answer as it is: compressed, it could not be added to."""
    headers = [each for each in scope["headers"] if each[0] != b"accept-encoding"]
    return {**scope, "headers": headers}


def _is_html(message: Message) -> bool:
    return MutableHeaders(scope=message).get("Content-Type", "").startswith("text/html")


@asynccontextmanager
async def _life(_app: st.App) -> AsyncIterator[None]:
    from core.text.language import speak  # noqa: PLC0415 - after the settings

    speak(None)
    for line in (*reach(), *unbounded()):
        print(f"  {line}", flush=True)  # noqa: T201 - to the operator's shell
    checking = asyncio.create_task(asyncio.to_thread(_warn_of_postgres))
    opening = asyncio.create_task(_open_browser())
    yield
    opening.cancel()
    await checking


async def _open_browser() -> None:
    """Open the page in this machine's browser, as `streamlit run` does for scripts without an app.

    `server.headless` says whether there is one: Streamlit finds out where nobody has set it.
    """
    address = st.get_option("server.address")
    if st.get_option("server.headless") or address not in LOOPBACK:
        return
    url = _url("localhost" if address == HERE else str(address))
    port = int(st.get_option("server.port"))
    for _attempt in range(OPENING_ATTEMPTS):  # the server answers once this life has begun
        await asyncio.sleep(OPENING_PAUSE_S)
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(str(address), port)
            writer.close()
            await asyncio.to_thread(webbrowser.open, url)
            return


def _warn_of_postgres() -> None:
    from core.services.named_postgres import warn_if_unreachable  # noqa: PLC0415 - after the settings

    warn_if_unreachable()


def reach() -> list[str]:
    """Return lines that say where the server answers, who can reach it, and how to change that."""
    from core.text.language import _  # noqa: PLC0415 - after the settings

    address = st.get_option("server.address")
    here = _("Loopscope answers at {url}").format(url=_url("localhost"))
    if address in LOOPBACK:
        return [
            here,
            _("Only this machine can reach it; to let a hall in, start with {option}").format(
                option="--server.address=0.0.0.0"
            ),
        ]
    if address in (None, "0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        inside = net_util.get_internal_ip()
        other = _("Everybody who can reach this machine can reach it, at {url}")
        return [here, other.format(url=_url(inside or "0.0.0.0"))]  # noqa: S104 - shown
    other = _("Everybody who can reach {url} can measure here")
    return [other.format(url=_url(str(address)))]


def unbounded() -> list[str]:
    """Return a line about the limits that this system does not enforce, if any are asked for."""
    from core.spec.bounds import not_enforced  # noqa: PLC0415 - after the settings
    from core.text.language import _  # noqa: PLC0415 - as above

    if not (names := not_enforced()):
        return []
    text = _("This system does not enforce {names}: let in nobody whom you do not know")
    return [text.format(names=", ".join(names))]


def _url(host: str) -> str:
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{st.get_option('server.port')}" + (f"/{path}" if path else "")
