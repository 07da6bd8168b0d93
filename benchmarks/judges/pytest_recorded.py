"""A pytest plugin that runs a suite in its way and writes down what becomes of each test.

`-p benchmarks.judges.pytest_recorded` with the way and the file in the environment; the lines of
the file are those of `benchmarks.judges.unittest_run`. One recorder serves all tests, as loops may
live for several.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.judges.recorded import Way, one_test
from core.recording.events import BYTES_PER_EVENT

WAY, FILE = "JUDGE_WAY", "JUDGE_FILE"
"""Not LOOPSCOPE_...: core refuses variables of that name that are no settings of its own."""


class Recording:
    """Records, and notes how tests end."""

    def __init__(self, way: Way, path: Path) -> None:
        self._stack = ExitStack()
        self._file = self._stack.enter_context(path.open("w", encoding="utf-8"))
        self._recorder = self._stack.enter_context(one_test(way))
        self._rows = 0
        self._has_failed = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Note a test that is begun, and a recording that has failed in it."""
        self._note(item.nodeid, "did not end")
        result = yield
        self._rows += len(self._recorder.take().events) // BYTES_PER_EVENT
        failure = self._recorder.failure
        if failure is not None and not self._has_failed:
            self._has_failed = True
            self._note(item.nodeid, "recording failed", failure)
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a part of a test ended."""
        said = str(report.longrepr or "")
        if report.failed:
            self._note(report.nodeid, "failed" if report.when == "call" else "error", said)
        elif report.skipped:
            as_expected = hasattr(report, "wasxfail")
            self._note(report.nodeid, "failed as expected" if as_expected else "skipped", said)
        elif report.when == "call":
            self._note(report.nodeid, "passed")

    def pytest_unconfigure(self) -> None:
        """Write down how much was recorded."""
        print(json.dumps({"rows": self._rows}), file=self._file)
        self._stack.close()

    def _note(self, test: str, outcome: str, said: str = "") -> None:
        row = {"test": test, "outcome": outcome, "said": said}
        print(json.dumps(row), file=self._file, flush=True)


def pytest_configure(config: pytest.Config) -> None:
    """Begin to record, before the first loop is made."""
    if WAY in os.environ:
        recording = Recording(Way(os.environ.pop(WAY)), Path(os.environ.pop(FILE)))
        config.pluginmanager.register(recording)
