"""The app's server and a Chromium for tests and screenshots: started here, ended here."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
START_LIMIT_S = 60.0
STOP_LIMIT_S = 10.0


def chromium_path() -> str | None:
    """Return where a Chromium is installed, or None."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


@contextmanager
def running_browser(path: str) -> Iterator[Browser]:
    """Start a Chromium; it has ended when this returns."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The app's server: where it answers and which process it is."""

    address: str
    pid: int

    def measuring_children(self) -> set[int]:
        """Return the ids of the measuring children that live, warm spares among them."""
        lists = Path(f"/proc/{self.pid}/task").glob("*/children")
        pids = {int(pid) for each in lists for pid in each.read_text().split()}
        return {pid for pid in pids if b"core.running.child" in _command_line(pid)}


def _command_line(pid: int) -> bytes:
    """Return a process's command line; empty for one that has ended, defunct or gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


@contextmanager
def running_app() -> Iterator[Server]:
    """Start the app on a free port; it has ended when this returns."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=log, stderr=log)
        try:
            _await_health(address, process)
            yield Server(address=address, pid=process.pid)
        finally:
            _end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_health(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended while it was starting"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310 - http
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
