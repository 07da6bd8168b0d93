"""A plugin of pytest: `pytest --loopscope` leaves the recording of each failing test with a loop.

What runs the loop is all the same: pytest-asyncio, anyio's plugin on asyncio or trio, unittest's
`IsolatedAsyncioTestCase`, or the test itself. A test is recorded with its fixtures, from the first
loop that runs in it on, and its file is removed if it passes. Only this module needs pytest.
"""

import re
import zlib
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from .file_recording import FileRecording
from .first_loop import FirstLoop
from .loop import is_recorded
from .opening import how_to_open
from .recording_file import SUFFIX

SECTION = "Recording by loopscope"
MOST_STEM = 120
"""How many characters a file is named with: file systems take 255 bytes."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("loopscope", "recordings of failing asynchronous tests")
    group.addoption(
        "--loopscope",
        action="store_true",
        help="leave a recording of each failing asynchronous test",
    )
    group.addoption(
        "--loopscope-folder",
        metavar="FOLDER",
        default=".loopscope",
        help="where the recordings are left (default: %(default)s, below pytest's root)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Record in this process if that is asked for."""
    if config.getoption("--loopscope"):
        folder = config.rootpath / config.getoption("--loopscope-folder")
        config.pluginmanager.register(TestRecorder(folder), "loopscope-recorder")


class TestRecorder:
    """Records each test, and keeps the files of those that fail."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._test: TestRecording | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Record a test with what is set up for it, and torn down."""
        self._test = TestRecording(self._folder / file_name(item.nodeid), item.nodeid)
        try:
            return (yield)
        finally:
            self._test.end()
            self._test = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, Any]:
        """Name the file in the report of a test that fails."""
        report = yield
        if report.failed and self._test is not None and (said := self._test.keep()):
            report.sections.append((SECTION, said))
        return report

    def pytest_sessionfinish(self) -> None:
        """Leave no empty folder."""
        with suppress(OSError):
            self._folder.rmdir()


class TestRecording:
    """The recording of one test, which begins with its first loop."""

    __test__ = False

    def __init__(self, path: Path, test: str) -> None:
        self._path, self._test = path, test
        self._recording: FileRecording | None = None
        self._is_kept = False
        self._failure: str | None = None
        if is_recorded():
            self._failure = "this process is recorded already: no second recording is made"
            self._loop = None
        else:
            self._loop = FirstLoop(self._begin)

    def _begin(self) -> None:
        recording = FileRecording(self._path, command=["pytest", self._test])
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            recording.start()
        except OSError as error:
            self._failure = f"{self._path}: {error.strerror}"
        else:
            self._recording = recording

    def keep(self) -> str | None:
        """Keep the file, and return what is to be said of it; None without an event loop."""
        if self._recording is None:
            return self._failure
        self._is_kept = True
        said = f"{self._path}\nopen it: {how_to_open(str(self._path))}"
        if self._recording.failure is not None:
            said += f"\nthe recording ended early: {self._recording.failure}"
        return said

    def end(self) -> None:
        """Complete the file, or remove it."""
        if self._loop is not None:
            self._loop.stop()
        if self._recording is None:
            return
        if self._is_kept:
            self._recording.stop()
        else:
            self._recording.discard()


def file_name(test: str) -> str:
    """Return the name of a test's file, by its `nodeid`; the next failure replaces it.

    >>> file_name("tests/test_it.py::TestIt::test_one[2]")
    'tests.test_it.TestIt.test_one[2].loopscope'
    """
    plain = test.replace(".py::", "::").replace("::", ".").replace("/", ".")
    safe = re.sub(r"[^\w.\[\]-]", "_", plain)[:MOST_STEM]
    if safe != plain:
        safe += f"-{zlib.crc32(test.encode(errors='replace')):08x}"
    return f"{safe}{SUFFIX}"
