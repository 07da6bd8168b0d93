"""What holds for every test: nothing that it started is left, and Hypothesis keeps its profile."""

import multiprocessing.forkserver
import multiprocessing.resource_tracker
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import Scheduling

from core.pattern import Pattern
from core.patterns import PATTERNS
from core.processes import children_of, command_of
from tests.kit.needs import PORTABLE
from tests.kit.order import BrowserAlone, in_order

LEFTOVERS_LIMIT_S = 5.0
POLL_S = 0.01

settings.register_profile(
    "quick", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "ci",
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("ci" if os.environ.get("CI") else "quick")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the portable mode: see `tests/kit/portable/sitecustomize.py`."""
    parser.addoption("--portable", action="store_true", help="run without what Windows lacks")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Start again where Python has to start in another way, and end as that ends."""
    if not config.getoption("portable") or str(PORTABLE) in sys.path:
        return None
    path = os.pathsep.join(filter(None, (str(PORTABLE), os.environ.get("PYTHONPATH"))))
    again = [sys.executable, "-m", "pytest", *sys.argv[1:]]
    return subprocess.run(again, env={**os.environ, "PYTHONPATH": path}, check=False).returncode


def pytest_configure() -> None:
    """Take SIGINT as in the foreground: a shell starts what is in the background to ignore it.

    Whoever ignores a signal hands that on to all that it starts, and Python then leaves it ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what is fast first, and what needs a browser last."""
    items[:] = in_order(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Hand files to the processes of `pytest -n`, and the browser to the last of them alone."""
    return BrowserAlone(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Fail a test that leaves a child process, a thread or an open pool behind.

    A pool that was not shut down shows as its threads or its processes. Daemon threads do not
    count: they watch over something that may outlive a test, and do not keep Python alive.
    """
    children, threads = child_processes(), _threads()
    yield
    give_up_s = time.monotonic() + LEFTOVERS_LIMIT_S
    while (left := _left(children, threads)) and time.monotonic() < give_up_s:
        time.sleep(POLL_S)
    if left:
        pytest.fail(f"left behind by this test: {', '.join(left)}", pytrace=False)


@pytest.fixture
def too_new(monkeypatch: pytest.MonkeyPatch) -> Pattern:
    """Give a registered pattern that this version of Python, whichever it is, does not run."""
    pattern = replace(PATTERNS["task_group"], least_python=(99, 1))
    monkeypatch.setitem(PATTERNS, pattern.name, pattern)
    return pattern


def child_processes() -> set[int]:
    """Return the ids of this process's children, the defunct ones too.

    What multiprocessing keeps for all pools of a process does not count: its resource tracker and,
    since Python 3.14 by default, its fork server.
    """
    kept = {
        getattr(multiprocessing.resource_tracker._resource_tracker, "_pid", None),
        getattr(multiprocessing.forkserver._forkserver, "_forkserver_pid", None),
    }
    return set(children_of(os.getpid())) - kept


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if not thread.daemon}


def _left(children: set[int], threads: set[threading.Thread]) -> list[str]:
    processes = [
        f"process {pid} ({command_of(pid)})" for pid in sorted(child_processes() - children)
    ]
    return processes + [f"thread {thread.name!r}" for thread in _threads() - threads]
