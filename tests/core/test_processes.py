"""What is seen of other processes: whether they stand still, and whose children they are."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.processes import (
    ROOT,
    children_of,
    descendants_of,
    go_on,
    is_stopped,
    kill_with_descendants,
    lives,
    stand_still,
    stopped_in_group,
)
from tests.kit.watching import wait_until


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command, start_new_session=True) as process:
        yield process
        process.kill()


def test_a_process_stands_still_from_sigstop_to_sigcont(sleeper: subprocess.Popen[bytes]) -> None:
    assert not is_stopped(sleeper.pid)
    assert stopped_in_group(sleeper.pid) == []
    stand_still(sleeper.pid)
    wait_until(lambda: is_stopped(sleeper.pid))
    assert stopped_in_group(sleeper.pid) == [sleeper.pid]
    go_on(sleeper.pid)
    wait_until(lambda: not is_stopped(sleeper.pid))


def test_a_process_is_among_the_children_of_who_started_it(
    sleeper: subprocess.Popen[bytes],
) -> None:
    assert sleeper.pid in children_of(os.getpid())
    assert children_of(sleeper.pid) == []


def test_a_process_that_is_not_there_does_not_stand_still(
    sleeper: subprocess.Popen[bytes],
) -> None:
    sleeper.kill()
    sleeper.wait()
    assert not is_stopped(sleeper.pid)
    assert not is_stopped(None)
    assert children_of(sleeper.pid) == []


def test_the_children_of_children_are_descendants() -> None:
    before = descendants_of(os.getpid())
    inner = "import sys; print(flush=True); sys.stdin.read()"
    outer = (
        "import subprocess, sys; "
        f"subprocess.run([sys.executable, '-c', {inner!r}], stdin=sys.stdin)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert len(descendants_of(os.getpid())) == len(before) + 2
        (grandchild,) = descendants_of(process.pid)
        assert children_of(process.pid) == [grandchild]
        process.communicate()


# One write, as both share the pipe.
SLEEPS = "import os, time; os.write(1, b'%d\\n' % os.getpid()); time.sleep(60)"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody adopts orphans")
def test_what_a_process_that_stands_still_has_left_in_other_sessions_is_ended_with_it() -> None:
    start = f"subprocess.Popen([sys.executable, '-c', {SLEEPS!r}], start_new_session=True)"
    parent = f"import subprocess, sys; {start}; {start}"
    adopts = (
        "import subprocess, sys, time; from core.measuring.orphans import adopt_orphans; "
        f"adopt_orphans(); subprocess.run([sys.executable, '-c', {parent!r}]); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", adopts], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        left = [int(process.stdout.readline()) for _ in range(2)]
        wait_until(lambda: set(children_of(process.pid)) == set(left))
        stand_still(process.pid)
        kill_with_descendants(process.pid, limit_s=10)
        assert not any(map(lives, left))
    assert not lives(process.pid)
