"""Visitors behind a proxy, without a browser: each keeps the cookies that answers set."""

import http.client
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from tests.kit.sessions import Session, session

SHARED_BY = "loopscope_server"
"""The cookie of the proxy, with the number of a server."""
OF_UPLOADS = "_streamlit_xsrf"
EDGE = "edge"
FORM = (
    f'--{EDGE}\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nx\r\n--{EDGE}--\r\n'
)
ANSWER_LIMIT_S = 10.0


@dataclass(slots=True, kw_only=True)
class Visitor:
    """Somebody with a browser of their own.

    Attributes:
        address: Where the app is, with https.
        trusted: Whose certificate is accepted.
        cookies: What answers have set, by name.
        set_lines: Those lines as they came, the latest for each name.
    """

    address: str
    trusted: ssl.SSLContext
    cookies: dict[str, str] = field(default_factory=dict)
    set_lines: dict[str, str] = field(default_factory=dict)

    @property
    def server(self) -> int:
        """The number of the server that this visitor's cookie names; 0 without one."""
        return int(self.cookies.get(SHARED_BY, "0"))

    def ask(
        self, path: str = "", method: str = "GET", body: str = "", **headers: str
    ) -> tuple[int, bytes]:
        """Ask for something below the app's address; return the status and what was answered."""
        parts = urlsplit(self.address)
        connection = http.client.HTTPSConnection(
            parts.netloc, timeout=ANSWER_LIMIT_S, context=self.trusted
        )
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(
                method, f"{parts.path}/{path}", body=body or None, headers=self._cookie() | named
            )
            answer = connection.getresponse()
            self._keep(answer.headers.get_all("Set-Cookie", []))
            return answer.status, answer.read()
        finally:
            connection.close()

    def upload(self, tab: Session) -> int:
        """Send a file for a tab, as its browser does; return the answer's status."""
        self.ask("_stcore/health")
        status, _said = self.ask(
            f"_stcore/upload_file/{tab.session_id}/1",
            "PUT",
            FORM,
            Content_Type=f"multipart/form-data; boundary={EDGE}",
            X_Xsrftoken=self.cookies[OF_UPLOADS],
        )
        return status

    @asynccontextmanager
    async def tab(self, page: str, query: str) -> AsyncIterator[Session]:
        """Open the websocket of a tab with these cookies, and keep those that it sets."""
        stream = f"{self.address.replace('https', 'wss', 1)}/_stcore/stream"
        async with session(
            stream, page, query, ssl=self.trusted, additional_headers=self._cookie()
        ) as tab:
            assert tab.socket.response is not None
            self._keep(tab.socket.response.headers.get_all("Set-Cookie"))
            yield tab

    def _cookie(self) -> dict[str, str]:
        text = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": text} if text else {}

    def _keep(self, lines: Iterable[str]) -> None:
        for line in lines:
            for name, each in SimpleCookie(line).items():
                self.cookies[name] = each.coded_value.strip('"')
                self.set_lines[name] = line
