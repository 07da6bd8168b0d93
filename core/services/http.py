"""The HTTP server of the workload `http`: a process of its own on this machine."""

import http.client
import itertools

from core.errors import Role, ServiceUnavailable, Stuck
from core.processes import is_stopped
from core.services.process import ANSWER_LIMIT_S, NotUp, ServerProcess
from core.text.language import _

START_LIMIT_S = 15.0


class HttpServer:
    """The server that this process's runs ask; it is started again if it has died."""

    def __init__(self) -> None:
        self._server = ServerProcess(
            "core.services.http_server", start_limit_s=START_LIMIT_S, answers=_answers
        )
        self._runs = itertools.count(1)

    @property
    def pid(self) -> int | None:
        """The id of the server's process; None while there is none."""
        return self._server.pid

    def address(self) -> str:
        """Return a base address under which the server counts one run apart from all others.

        Raises:
            ServiceUnavailable: If the server does not come up.
        """
        try:
            port = self._server.line()
        except NotUp as error:
            raise ServiceUnavailable(
                _("the HTTP server"), str(error), _("install what requirements.txt names")
            ) from error
        return f"http://127.0.0.1:{port}/{next(self._runs)}"

    def stuck(self) -> list[Stuck]:
        """Return the server's process if it stands still."""
        pid = self.pid
        return [Stuck(Role.HTTP, pid)] if pid is not None and is_stopped(pid) else []

    def close(self) -> None:
        """End the server and wait for its end."""
        self._server.close()


def _answers(port: str) -> bool:
    """Ask for the counts of a run that there is not."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=ANSWER_LIMIT_S)
    try:
        connection.request("GET", "/0/counts")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
