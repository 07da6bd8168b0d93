"""Runs one module of unittest tests in this process: `python -m benchmarks.judges.unittest_run`.

Arguments: the module, the way (`bare`, `attached`, `made`), and the file for what became of each
test, a line of JSON each, the last one with how many rows were recorded. The status is 0 however
the tests ended.
"""

import faulthandler
import json
import os
import sys
import unittest
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from benchmarks.judges.recorded import Way, one_test
from core.recording.events import BYTES_PER_EVENT
from core.recording.recorder import Recorder

TEST_LIMIT_S = 90.0
Error = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class Outcomes(unittest.TestResult):
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
        outcomes = Outcomes(way, file)
        suite.run(outcomes)
        print(json.dumps({"rows": outcomes.rows}), file=file)


if __name__ == "__main__":
    run(sys.argv[1], Way(sys.argv[2]), Path(sys.argv[3]))
    os._exit(0)  # whatever threads a test has left
