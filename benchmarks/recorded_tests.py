"""Somebody else's tests in this process, bare or recorded, and what becomes of each.

`python -m benchmarks.recorded_tests MODULE WAY FILE` runs one module of unittest tests, with a
recorder for each. As a plugin of pytest, `-p benchmarks.recorded_tests` takes way and file from the
environment; there one recorder serves all tests, as loops may live for several, and each task is a
job, as in any program that is recorded. Both write a line of JSON for each test, and how many rows
were recorded. The status of the first is 0 however the tests ended. It imports neither pytest nor
numpy, which the interpreter may lack.

Two ways lead to a recording loop. `attached`: what a program is recorded by, the hook that turns
each loop of asyncio into a recording one when it begins to run. `made`: asyncio's default loop is
a recording one from the start, so that what a test does with a loop that does not run is seen, too.
"""

import faulthandler
import json
import os
import sys
import unittest
from asyncio import unix_events
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from core.recording.events import BYTES_PER_EVENT
from core.recording.loop import RecordingLoop, recorded_loops
from core.recording.own_program import recorded_program
from core.recording.recorder import Recorder

if TYPE_CHECKING:
    import pytest

WAY, FILE = "JUDGE_WAY", "JUDGE_FILE"
"""Not LOOPSCOPE_...: core refuses variables of that name that are no settings of its own."""
TEST_LIMIT_S = 90.0
Error = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
POLICY: Any = getattr(
    unix_events, "_DefaultEventLoopPolicy", getattr(unix_events, "DefaultEventLoopPolicy", None)
)
"""What makes asyncio's default loops; since Python 3.14 its name has an underscore."""


class Way(StrEnum):
    """How a test is run."""

    BARE = "bare"
    ATTACHED = "attached"
    MADE = "made"


Recorded = Callable[[Recorder], AbstractContextManager[None]]


@contextmanager
def one_test(way: Way, recorded: Recorded = recorded_loops) -> Iterator[Recorder]:
    """Run a test meanwhile; what fails in the recording itself is the recorder's `failure`."""
    recorder = Recorder()
    loops = nullcontext() if way is Way.BARE else recorded(recorder)
    before = POLICY._loop_factory
    if way is Way.MADE:
        POLICY._loop_factory = staticmethod(lambda: RecordingLoop(recorder))
    try:
        with loops:
            yield recorder
    finally:
        POLICY._loop_factory = before


class UnittestOutcomes(unittest.TestResult):
    """Writes down what became of each test, and runs each in its way."""

    def __init__(self, way: Way, file: TextIO) -> None:
        super().__init__()
        self._way = way
        self._file = file
        self._running = ExitStack()
        self._recorder: Recorder | None = None
        self.rows = 0

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._note(test, "did not end")  # until more is known
        faulthandler.dump_traceback_later(TEST_LIMIT_S, exit=True)
        self._recorder = self._running.enter_context(one_test(self._way))

    def stopTest(self, test: unittest.TestCase) -> None:
        faulthandler.cancel_dump_traceback_later()
        self._running.close()
        if self._recorder is not None:
            self.rows += len(self._recorder.take().events) // BYTES_PER_EVENT
            if self._recorder.failure is not None:
                self._note(test, "recording failed", self._recorder.failure)
        super().stopTest(test)

    def addSuccess(self, test: unittest.TestCase) -> None:
        self._note(test, "passed")

    def addFailure(self, test: unittest.TestCase, err: Error) -> None:
        self._note(test, "failed", self._exc_info_to_string(err, test))

    def addError(self, test: unittest.TestCase, err: Error) -> None:
        self._note(test, "error", self._exc_info_to_string(err, test))

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self._note(test, "skipped", reason)

    def addExpectedFailure(self, test: unittest.TestCase, err: Error) -> None:
        self._note(test, "failed as expected")

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        self._note(test, "passed unexpectedly")

    def addSubTest(
        self, test: unittest.TestCase, subtest: unittest.TestCase, err: Error | None
    ) -> None:
        if err is not None:
            self._note(test, "failed", self._exc_info_to_string(err, subtest))

    def _exc_info_to_string(self, err: Any, test: Any) -> str:
        return str(super()._exc_info_to_string(err, test))  # type: ignore[misc]

    def _note(self, test: unittest.TestCase, outcome: str, said: str = "") -> None:
        row = {"test": test.id(), "outcome": outcome, "said": said}
        print(json.dumps(row), file=self._file, flush=True)


def run(module: str, way: Way, path: Path) -> None:
    """Run all tests of a module and write down what became of them."""
    suite = unittest.defaultTestLoader.loadTestsFromName(module)
    with path.open("w", encoding="utf-8") as file:
        outcomes = UnittestOutcomes(way, file)
        suite.run(outcomes)
        print(json.dumps({"rows": outcomes.rows}), file=file)


class PytestOutcomes:
    """Records, and notes how tests end."""

    def __init__(self, way: Way, path: Path) -> None:
        self._stack = ExitStack()
        self._file = self._stack.enter_context(path.open("w", encoding="utf-8"))
        self._recorder = self._stack.enter_context(one_test(way, recorded_program))
        self._rows = 0
        self._has_failed = False

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note a test that is begun."""
        self._note(nodeid, "did not end")

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Note a recording that has failed in a test."""
        self._rows += len(self._recorder.take().events) // BYTES_PER_EVENT
        failure = self._recorder.failure
        if failure is not None and not self._has_failed:
            self._has_failed = True
            self._note(nodeid, "recording failed", failure)

    def pytest_runtest_logreport(self, report: "pytest.TestReport") -> None:
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


def pytest_configure(config: "pytest.Config") -> None:
    """Begin to record, before the first loop is made."""
    if WAY in os.environ:
        outcomes = PytestOutcomes(Way(os.environ.pop(WAY)), Path(os.environ.pop(FILE)))
        config.pluginmanager.register(outcomes)


if __name__ == "__main__":
    run(sys.argv[1], Way(sys.argv[2]), Path(sys.argv[3]))
    os._exit(0)  # whatever threads a test has left
