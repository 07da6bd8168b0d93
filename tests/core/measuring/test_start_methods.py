"""What multiprocessing keeps beside its workers goes with a process that ends by `os._exit`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.processes import ROOT

pytestmark = pytest.mark.real

ENDS_AT_ONCE = """
import contextlib, multiprocessing, os, sys, time
from pathlib import Path
from core.measuring.start_methods import end_what_starts_workers
context = multiprocessing.get_context(sys.argv[1])
if __name__ == "__main__":
    lock = context.Lock()
    worker = context.Process(target=time.sleep, args=(60,))
    worker.start()
    end_what_starts_workers()
    own = Path(f"/proc/{os.getpid()}/task")
    children = []
    for each in own.glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended
            children += each.read_text().split()
    print(children, Path(f"/dev/shm/sem.{lock._semlock.name[1:]}").exists(), flush=True)
    os._exit(0)
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_the_fork_server_the_tracker_and_what_they_held_are_gone(method: str) -> None:
    with tempfile.TemporaryDirectory(prefix="ends-") as folder:  # short enough for a socket in it
        done = subprocess.run(
            [sys.executable, "-c", ENDS_AT_ONCE, method],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout == "[] False\n"
        assert list(Path(folder).iterdir()) == []


def test_where_nothing_was_started_nothing_is_ended() -> None:
    script = "from core.measuring.start_methods import end_what_starts_workers as end; end(); end()"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=60, check=True)
