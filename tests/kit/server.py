"""The app's server for benchmarks and tests: started here on a free port, ended here."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.processes import children_of, descendants_of, resident_bytes

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 60.0
STOP_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """How much memory a server and its children hold, and how many children there are."""

    server_bytes: int
    children_bytes: int
    children: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The app's server: where it answers, which process it is, and where it writes its log."""

    address: str
    pid: int
    log: Path

    @property
    def stream(self) -> str:
        """Where its websocket is."""
        return f"{self.address.replace('http', 'ws', 1)}/_stcore/stream"

    def measuring_children(self) -> set[int]:
        """Return the ids of the measuring children that live; not of the zygote that forks them."""
        return {
            child
            for pid in self.children()
            if b"core.measuring.zygote" in _command_line(pid)
            for child in children_of(pid)
            if _command_line(child)
        }

    def children(self) -> set[int]:
        """Return the ids of the server's children, of whatever kind."""
        return set(children_of(self.pid))

    def descriptors(self) -> int:
        """Return how many files and sockets the server has open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def processor_s(self) -> float:
        """Return how long the server itself has used processors since its start, in seconds.

        Its children count for nothing, not even those that have ended. It comes in steps of 10 ms.
        """
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    def memory(self) -> Memory:
        """Return what the server and its children, down to the last pool worker, hold now."""
        found = descendants_of(self.pid)
        return Memory(
            server_bytes=resident_bytes(self.pid),
            children_bytes=sum(map(resident_bytes, found)),
            children=len(found),
        )


def _command_line(pid: int) -> bytes:
    """Return a process's command line; empty for one that has ended, defunct or gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


@contextmanager
def running_app(
    options: Sequence[str] = (),
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    port: int | None = None,
) -> Iterator[Server]:
    """Start the app on a port, or on a free one; it has ended when this returns.

    Args:
        options: Further options for `streamlit run`, for example `--server.baseUrlPath=scope`.
        environment: What is added to this process's environment.
        folder: Where `app.py` stands.
        port: Where it answers; None takes a port on which nobody listens.
    """
    port = port or free_port()
    where = ["--server.port", str(port), "--server.address", "127.0.0.1"]
    options = [*where, "--server.headless", "true", *options]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**os.environ, **(environment or {})}
        )
        server = Server(
            address=f"http://127.0.0.1:{port}{_base_path(options)}",
            pid=process.pid,
            log=Path(log.name),
        )
        try:
            _await_health(server, process)
            yield server
        finally:
            _end(process)


def _base_path(options: Sequence[str]) -> str:
    paths = [each.partition("=")[2] for each in options if each.startswith("--server.baseUrlPath=")]
    return f"/{paths[0]}" if paths else ""


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_health(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended while it was starting:\n{server.log.read_text()}")
        try:
            with urllib.request.urlopen(f"{server.address}/_stcore/health", timeout=1):  # noqa: S310 - http
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not answer in time")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
