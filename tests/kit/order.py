"""In which order the tests run, and which of them run at the same time under `pytest -n`.

A test that looks at the whole machine, at its processes or at `/dev/shm`, must expect those of
the tests in other processes.
"""

from collections.abc import Iterable
from pathlib import PurePath

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

FOLDERS = ("core", "pages", "benchmarks", "hosting", "browser")
"""The folders of tests, the ones that take longest last.

Files directly in `tests` come first, but for those with real runs: they come with the pages'.
"""
BROWSER = "browser"


def in_order(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Return tests by folder, in each the files without real runs first, those in a browser last.

    The tests of a file stay together, so that what they share is started once. Those with a browser
    come after all others also because Playwright keeps an event loop in the main thread.
    """
    tests = list(items)
    real = {_file_of(test) for test in tests if test.get_closest_marker("real")}
    return sorted(
        tests,
        key=lambda test: (
            test.get_closest_marker("browser") is not None,
            _folder_of(test, is_real=_file_of(test) in real),
            _file_of(test) in real,
        ),
    )


def _file_of(test: pytest.Item) -> str:
    return test.nodeid.partition("::")[0]


def _folder_of(test: pytest.Item, *, is_real: bool) -> int:
    """Return the place of a test's folder among all: 0 for fast files directly in `tests`."""
    _tests, *parts = PurePath(_file_of(test)).parts
    if len(parts) > 1 and parts[0] in FOLDERS:
        return FOLDERS.index(parts[0]) + 1
    return FOLDERS.index("pages") + 1 if is_real else 0


class BrowserAlone(LoadScopeScheduling):  # type: ignore[misc]  # it ships no types
    """Hands whole files to the processes, and the browser's tests to one when the others are done.

    A browser, a server and its children fill two processors: with other tests a click would come
    too late. So a process that runs out of files ends, except for the last one: it waits for the
    ends of the others, and gets the browser.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return BROWSER if file.startswith(f"tests/{BROWSER}/") else file

    def remove_node(self, node: WorkerController) -> str | None:
        """Hand out what waited for the end of this process."""
        crashed_in: str | None = super().remove_node(node)
        if self._only_the_browser_is_left():
            for other in self.nodes:
                self._reschedule(other)
        return crashed_in

    def _reschedule(self, node: WorkerController) -> None:
        busy = [
            other
            for other, work in self.assigned_work.items()
            if other is not node and self._pending_of(work)
        ]
        if not busy or not self._only_the_browser_is_left():
            super()._reschedule(node)
        elif not all(other.shutting_down for other in busy):
            node.shutdown()

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Pass over files that are done: a process that crashed gives back all that it was handed.

        A process that is handed nothing but such a file would wait for ever (xdist 3.8).
        """
        while self.workqueue and all(next(iter(self.workqueue.values())).values()):
            self.workqueue.popitem(last=False)
        if self.workqueue:
            super()._assign_work_unit(node)
        else:
            node.shutdown()

    def _only_the_browser_is_left(self) -> bool:
        return list(self.workqueue) == [BROWSER]
