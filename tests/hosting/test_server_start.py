"""The start of a server: refused settings, who can reach it, and what it sends with each answer."""

import asyncio
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from core.spec import bounds
from core.spec.limits import HOSTED
from pages.components import server_start
from tests.kit.needs import need_euc_kr
from tests.kit.server import ROOT, free_port
from tests.kit.sessions import figures, lanes, session

pytestmark = pytest.mark.real

START_LIMIT_S = 60.0
HEADLESS = ("--server.headless", "true")
EVERYWHERE = "0.0.0.0"  # noqa: S104 - compared
LISTENING = "0A"
"""The state of a listening socket. Source: Linux kernel, include/net/tcp_states.h."""


@dataclass(frozen=True, slots=True)
class Started:
    """A server that was started as a person would, on a port, with its output in a file."""

    process: "subprocess.Popen[bytes]"
    port: int
    output: Path

    def is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(self.url("_stcore/health"), timeout=5) as answer:  # noqa: S310 - http
                return bool(answer.read() == b"ok")
        except OSError:
            return False

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def await_health(self) -> None:
        give_up_s = time.monotonic() + START_LIMIT_S
        while not self.is_healthy():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < give_up_s, self.said()
            time.sleep(0.05)


@contextmanager
def started(
    environment: Mapping[str, str],
    options: Sequence[str] = (),
    *,
    folder: Path = ROOT,
    app: Path = ROOT / "app.py",
) -> Iterator[Started]:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(app)]
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("LOOPSCOPE_")
    }
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(
            [*command, "--server.port", str(port), *HEADLESS, *options],
            cwd=folder,
            env={**inherited, **environment},
            stdout=log,
            stderr=log,
        )
        try:
            yield Started(process, port, Path(log.name))
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def usual() -> Iterator[Started]:
    """Give a server without settings of its own, which answers."""
    with started({}) as server:
        server.await_health()
        yield server


def listening(port: int) -> set[str]:
    """Return the addresses on which somebody of this machine listens at a port."""
    found = set()
    for family, name in ((socket.AF_INET, "tcp"), (socket.AF_INET6, "tcp6")):
        for line in Path(f"/proc/net/{name}").read_text(encoding="utf-8").splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            address, _, written_port = local.partition(":")
            if state == LISTENING and int(written_port, 16) == port:
                words = [bytes.fromhex(each)[::-1] for each in re.findall(".{8}", address)]
                found.add(socket.inet_ntop(family, b"".join(words)))
    return found


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("LOOPSCOPE_PROFILE=huge", "LOOPSCOPE_PROFILE is 'huge'; it must be one of laptop, hosted"),
        (
            "LOOPSCOPE_LIMIT_TASKS=many",
            "LOOPSCOPE_LIMIT_TASKS is 'many'; it must be a whole number above 0",
        ),
        ("LOOPSCOPE_LOG=yes", "LOOPSCOPE_LOG is 'yes'; it must be 1 or 0"),
        (
            "LOOPSCOPE_SERVERS=none",
            "LOOPSCOPE_SERVERS is 'none'; it must be a whole number from 1 to 64",
        ),
    ],
)
def test_a_server_with_a_wrong_setting_says_so_and_ends_before_it_is_healthy(
    setting: str, line: str
) -> None:
    name, _, value = setting.partition("=")
    was_healthy = False
    with started({name: value}) as server:
        while server.process.poll() is None:
            was_healthy = was_healthy or server.is_healthy()
            time.sleep(0.005)  # the server, too, needs a processor to come to its end
        assert server.process.returncode == 2
        assert server.said() == f"loopscope: {line}\n"
    assert not was_healthy


SECRETS = {
    'LOOPSCOPE_LIMIT_TASKS = "many"': (
        "LOOPSCOPE_LIMIT_TASKS is 'many'; it must be a whole number above 0"
    ),
    "LOOPSCOPE_PROFILE = hosted": (
        "the file of secrets cannot be read as TOML; correct it, or take it away"
    ),
}


@pytest.mark.parametrize("secrets", SECRETS)
def test_what_the_secrets_say_is_looked_at_too(secrets: str, tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(secrets)
    with started({}, folder=tmp_path) as server:
        assert server.process.wait(START_LIMIT_S) == 2
        assert server.said() == f"loopscope: {SECRETS[secrets]}\n"


def test_on_a_laptop_it_listens_for_this_machine_and_says_how_to_let_others_in(
    usual: Started,
) -> None:
    assert listening(usual.port) == {"127.0.0.1"}
    assert "Only this machine can reach it; to let a hall in, start with " in usual.said()
    assert "--server.address=0.0.0.0" in usual.said()
    assert f"http://localhost:{usual.port}" in usual.said()


@pytest.mark.parametrize(
    ("environment", "options", "addresses"),
    [
        ({"LOOPSCOPE_PROFILE": "hosted"}, [], {"::"}),
        ({}, [f"--server.address={EVERYWHERE}"], {EVERYWHERE}),
        ({"STREAMLIT_SERVER_ADDRESS": EVERYWHERE}, [], {EVERYWHERE}),
    ],
)
def test_where_others_are_let_in_it_says_who_can_reach_it(
    environment: dict[str, str], options: list[str], addresses: set[str]
) -> None:
    with started(environment, options) as server:
        server.await_health()
        assert listening(server.port) <= addresses | {EVERYWHERE}  # without IPv6
        assert "Everybody who can reach this machine can reach it, at http://" in server.said()


def test_of_a_limit_that_its_system_does_not_enforce_the_operator_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert server_start.unbounded() == []
    monkeypatch.setattr(bounds, "LIMITS", HOSTED)
    monkeypatch.setattr(bounds, "sys", type("sys", (), {"platform": "win32"}))
    (line,) = server_start.unbounded()
    assert line == (
        "This system does not enforce LOOPSCOPE_LIMIT_MEMORY_MB, LOOPSCOPE_LIMIT_OPEN_FILES: "
        "let in nobody whom you do not know"
    )


def test_a_postgresql_server_that_lets_nobody_in_is_warned_of_without_the_password() -> None:
    dsn = "postgresql://somebody:geheim@127.0.0.1:1/it"
    with started({"LOOPSCOPE_POSTGRES_DSN": dsn}) as server:
        server.await_health()
        give_up_s = time.monotonic() + START_LIMIT_S
        while "LOOPSCOPE_POSTGRES_DSN cannot be used: " not in server.said():
            assert time.monotonic() < give_up_s, server.said()
            time.sleep(0.05)
        assert server.is_healthy()
        assert "geheim" not in server.said()


@pytest.mark.parametrize("path", ["", "_stcore/health", "gather", "nothing/at/all.js"])
def test_each_answer_forbids_frames_of_others_and_guessing(path: str, usual: Started) -> None:
    try:
        answer = urllib.request.urlopen(usual.url(path), timeout=5)  # noqa: S310 - http
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'self'"


def test_a_browser_is_told_where_the_server_is_so_that_it_asks_at_no_other_place(
    usual: Started,
) -> None:
    asked = urllib.request.Request(  # noqa: S310 - http
        usual.url("gather"), headers={"Accept": "text/html", "Accept-Encoding": "gzip"}
    )
    with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310 - http
        page = answer.read()
    assert page.count(b"BACKEND_BASE_URL: new URL('./', location.href).href") == 1
    assert int(answer.headers["Content-Length"]) == len(page)


ODD_NAME = "한글 폴더 with spaces"


@pytest.fixture
def odd_checkout(tmp_path: Path) -> Path:
    """Return a copy of the app in a folder whose name has spaces and Hangul."""
    return copied(tmp_path / ODD_NAME)


def copied(folder: Path) -> Path:
    """Copy the app to a new folder."""
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    for name in ("core", "pages"):
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=leave_out)
    shutil.copy(ROOT / "app.py", folder)
    return folder


@pytest.mark.parametrize(
    "environment",
    [{}, {"PYTHONSAFEPATH": "1", "HOME": "/nonexistent/home"}, {"TMPDIR": "a folder"}],
    ids=["as it is", "safe path and no home", "temporary folder with spaces"],
)
def test_its_pages_are_drawn_and_measure_wherever_it_is_started_from(
    environment: dict[str, str], odd_checkout: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "a folder"
    elsewhere.mkdir()
    if "TMPDIR" in environment:
        environment = {"TMPDIR": str(elsewhere)}
    assert_that_pages_measure(environment, elsewhere, odd_checkout)


def test_its_pages_are_drawn_and_measure_where_texts_are_not_in_utf_8(tmp_path: Path) -> None:
    app = copied(tmp_path / os.fsdecode(ODD_NAME.encode("euc-kr")))
    assert_that_pages_measure(need_euc_kr(tmp_path), app, app)


def assert_that_pages_measure(environment: dict[str, str], folder: Path, app: Path) -> None:
    """Start a copy of the app in a folder and measure on two of its pages."""

    async def visit(server: Started) -> None:
        stream = f"ws://127.0.0.1:{server.port}/_stcore/stream"
        for page in ("gather", "sequential"):
            async with session(stream, page, "tasks=5") as tab:
                answer = await tab.settle()
                assert answer.exceptions == []
                assert lanes(figures(answer)[-1]) == 5

    with started(environment, folder=folder, app=app / "app.py") as server:
        server.await_health()
        asyncio.run(visit(server))


LATE = """
import sys
from streamlit import config
from streamlit.web import bootstrap
bootstrap.load_config_options({"server.port": int(sys.argv[2]), "server.address": "127.0.0.1"})
bootstrap.run(sys.argv[1], False, [], {})
"""
"""A platform's own way to start a script: `app` is not looked for, and sessions come first."""


def test_where_the_script_alone_is_started_the_first_session_ends_the_server() -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", LATE, str(ROOT / "app.py"), str(port)],
        cwd=ROOT,
        env={**os.environ, "LOOPSCOPE_LIMIT_TASKS": "many"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with tempfile.NamedTemporaryFile() as nothing, process:
        Started(process, port, Path(nothing.name)).await_health()  # type: ignore[arg-type]

        async def visit() -> None:
            async with session(f"ws://127.0.0.1:{port}/_stcore/stream", "gather") as tab:
                await tab.settle()

        with contextlib.suppress(ConnectionClosed, OSError):
            asyncio.run(visit())
        _out, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "LOOPSCOPE_LIMIT_TASKS is 'many'; it must be a whole number above 0" in said


@pytest.mark.parametrize(("headless", "pages"), [("false", 1), ("true", 0)])
def test_the_page_opens_by_itself_where_there_is_a_browser(
    headless: str, pages: int, tmp_path: Path
) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    browser.chmod(0o755)
    environment = {"BROWSER": f"{browser} %s", "DISPLAY": ":99"}
    with started(environment, ["--server.headless", headless]) as server:
        server.await_health()
        give_up_s = time.monotonic() + (START_LIMIT_S if pages else 2.0)
        while time.monotonic() < give_up_s and not (pages and opened.exists()):
            time.sleep(0.05)
        urls = opened.read_text().splitlines() if opened.exists() else []
        assert urls == [f"http://localhost:{server.port}"] * pages
