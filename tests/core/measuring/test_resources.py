"""What a process takes of the machine, and what a hosted server keeps runs from taking."""

import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.measuring import resources
from core.measuring.forking import packet_sockets
from core.measuring.resources import (
    KIB,
    MachineTime,
    above_standard,
    allowed_in,
    disturbed_ns,
    forget_peak,
    machine_time,
    peak_bytes,
    pipe,
    private_bytes,
    resident_bytes,
)
from core.processes import ROOT
from tests.kit.needs import linux_only, needs_run_delay, not_in_portable_mode, posix_only

on_linux = linux_only("/proc, and bounds that are enforced")
SHELL = [sys.executable, "-m", "core", "run"]


def output_of(*arguments: str, **environment: str) -> str:
    """Return what a run says in a shell, with its status before it."""
    done = subprocess.run(
        [*SHELL, *arguments],
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return f"{done.returncode}: {done.stdout}{done.stderr}"


@pytest.mark.real
def test_what_is_refused_names_the_limit_and_who_set_it() -> None:
    said = output_of("gather", "--tasks", "11", "--sleep", "0", LOOPSCOPE_LIMIT_TASKS="10")
    assert "tasks is 11; it must be at most 10, as the operator of this server has set it" in said
    assert said.startswith("2: ")


@pytest.mark.real
def test_a_run_that_would_take_too_long_is_refused_in_the_operators_name() -> None:
    said = output_of(
        "sequential", "--tasks", "10", "--sleep", "1", LOOPSCOPE_LIMIT_IDEAL_WALL_S="3"
    )
    assert "the limit is 3 s, as the operator of this server has set it" in said


@pytest.mark.real
def test_a_limit_that_makes_no_sense_ends_with_one_line() -> None:
    said = output_of("gather", "--tasks", "1", "--sleep", "0", LOOPSCOPE_PROFILE="big")
    assert "LOOPSCOPE_PROFILE is 'big'; it must be one of laptop, hosted" in said


@on_linux
@pytest.mark.real
def test_a_run_that_needs_more_memory_than_it_may_use_says_so() -> None:
    said = output_of("gather", "--tasks", "100000", "--sleep", "0", LOOPSCOPE_LIMIT_MEMORY_MB="48")
    assert "a run may use 48 MB on this server" in said


@pytest.mark.real
def test_the_stacks_of_many_threads_do_not_count_as_memory_in_use() -> None:
    said = output_of("threads", "--tasks", "300", "--sleep", "0.5", LOOPSCOPE_LIMIT_MEMORY_MB="256")
    assert said.startswith("0: ")


@pytest.mark.real
def test_the_hosted_profile_carries_out_every_kind_of_pool() -> None:
    for executor in ("default", "threads", "processes"):
        said = output_of(
            *("run_in_executor", "--tasks", "4", "--sleep", "0.01", "--executor", executor),
            LOOPSCOPE_PROFILE="hosted",
        )
        assert said.startswith("0: "), said


MIB = KIB * KIB


@not_in_portable_mode("psutil knows a peak on Windows alone")
def test_a_process_has_had_at_least_what_it_has() -> None:
    assert 0 < resident_bytes() <= peak_bytes()


@on_linux
def test_the_peak_stays_when_memory_is_given_back_until_it_is_forgotten() -> None:
    block = bytearray(64 * MIB)
    block[::KIB] = b"x" * len(block[::KIB])
    full = resident_bytes()
    del block
    assert resident_bytes() < full - 32 * MIB
    assert peak_bytes() > full - MIB
    forget_peak()
    assert peak_bytes() < full - 32 * MIB


@on_linux
def test_a_worker_has_for_itself_what_it_wrote() -> None:
    code = f"block = b'x' * {32 * MIB}; print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        assert private_bytes([worker.pid]) >= 32 * MIB
        assert private_bytes([worker.pid, worker.pid]) >= 64 * MIB
        worker.communicate(b"\n")
    assert private_bytes([worker.pid]) == 0


def test_nobody_has_nothing() -> None:
    assert private_bytes([]) == 0


@posix_only("getrusage")
def test_without_proc_the_peak_is_that_of_getrusage(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = peak_bytes()
    monkeypatch.setattr(resources, "PROC", tmp_path)
    assert peak_bytes() == resident_bytes() >= known // 2
    assert private_bytes([os.getpid()]) == 0


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"memory.max": "1073741824"}, 2**30),
        ({"memory.max": "max"}, math.inf),
        ({"memory/memory.limit_in_bytes": "4096"}, 4096),
        ({}, math.inf),
    ],
)
def test_a_container_may_take_the_memory_that_it_is_given(
    files: dict[str, str], expected: float, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    assert allowed_in(tmp_path) == expected


@posix_only("a limit on the memory of a process")
def test_a_process_may_take_no_more_than_its_limit() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_DATA, (2**29, 2**29));"
        "from core.measuring.resources import allowed_bytes; print(allowed_bytes())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert float(said.stdout) <= 2**29


S = 1_000_000_000


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def reading(at_s: float, busy_s: float, **threads: tuple[float, float]) -> MachineTime:
    """Return a reading; of each thread how long it ran and waited for a processor, in seconds."""
    return MachineTime(
        at_ns=int(at_s * S),
        busy_ns=int(busy_s * S),
        threads={
            number: (int(used * S), int(delay * S))
            for number, (used, delay) in enumerate(threads.values())
        },
    )


@pytest.mark.usefixtures("two_processors")
def test_the_waits_of_all_threads_since_the_first_reading_are_added() -> None:
    before = reading(0, 10, loop=(1, 1))
    after = reading(1, 12, loop=(1.1, 1.2), worker=(0.1, 0.3))
    assert disturbed_ns(before, after) == int(0.5 * S)


@pytest.mark.usefixtures("two_processors")
def test_threads_wait_no_longer_for_others_than_these_worked() -> None:
    before = reading(0, 0, loop=(0, 0))
    assert disturbed_ns(before, reading(1, 0.75, loop=(0.5, 0.5))) == int(0.25 * S)


@pytest.mark.usefixtures("two_processors")
def test_threads_that_came_and_went_have_waited_too() -> None:
    before = reading(0, 0, loop=(0, 0))
    assert disturbed_ns(before, reading(1, 1.5, loop=(0.5, 0.25)), S // 4) == S // 2


@pytest.mark.usefixtures("two_processors")
def test_a_run_that_fills_the_machine_by_itself_is_not_disturbed_by_it() -> None:
    before = reading(0, 0)
    after = reading(1, 2, first=(0.95, 0.9), second=(0.95, 0.9))
    assert disturbed_ns(before, after) == 0


@pytest.mark.usefixtures("two_processors")
def test_where_nothing_is_known_nothing_is_said() -> None:
    assert disturbed_ns(reading(0, 0), reading(1, 0)) is None


@needs_run_delay
def test_a_thread_that_works_has_used_a_processor_and_one_left_out_is_not_there() -> None:
    me = threading.get_native_id()
    before = machine_time(0)
    while time.thread_time_ns() < 20_000_000:
        pass
    after = machine_time(0)
    assert after.threads[me][0] > 0
    assert after.threads[me] >= before.threads[me]
    assert me not in machine_time(0, but={me}).threads


@needs_run_delay
def test_a_process_that_is_gone_has_no_threads() -> None:
    assert machine_time(0, [2**22 + 1]).threads.keys() == machine_time(0).threads.keys()


CLOSED = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]
MEASURE = """
import json, os, sys
for each in map(int, sys.argv[2:]):
    os.close(each)
from core.measuring.forking import Spares
from core.measuring.wire import GO, Tag
from core.spec.run_spec import RunSpec
spares = Spares(int(sys.argv[1]))
child = spares.take()
spec = RunSpec(pattern="gather", tasks=2, sleep_s=0)
child.send(json.dumps({"spec": spec.as_dict(), "addresses": {}, "limit_s": 60}).encode())
child.send(GO)
tags = [frame[0] for frame in child.frames(0.1) if frame]
child.close()
spares.close()
sys.exit(0 if tags[-1:] == [Tag.DONE] else 9)
"""


def test_ends_of_pipes_are_above_the_standard_streams() -> None:
    reading, writing = pipe()
    assert min(reading, writing) > 2
    os.write(writing, b"said")
    assert os.read(reading, 9) == b"said"
    for each in (reading, writing):
        os.close(each)


@linux_only("sockets that keep the limits of packets")
def test_ends_of_sockets_are_above_the_standard_streams() -> None:
    ends = packet_sockets()
    assert min(end.fileno() for end in ends) > 2
    assert ends[0].send(b"heard") == 5
    assert ends[1].recv(9) == b"heard"
    for end in ends:
        end.close()


def test_a_descriptor_that_is_no_standard_one_stays_what_it_is() -> None:
    reading, writing = os.pipe()
    assert (above_standard(reading), above_standard(writing)) == (reading, writing)
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("closed", CLOSED, ids=str)
def test_a_descriptor_moves_away_from_a_closed_standard_stream(closed: tuple[int, ...]) -> None:
    code = (
        "import os, sys\n"
        "closed = list(map(int, sys.argv[1:]))\n"
        "for each in closed: os.close(each)\n"
        "from core.measuring.resources import pipe\n"
        "ends = pipe()\n"
        "free = [os.open(os.devnull, os.O_RDWR) for each in closed]\n"
        "os._exit(0 if min(ends) > 2 and free == closed else 9)"
    )
    assert _status("-c", code, *map(str, closed)) == 0


@pytest.mark.real
@pytest.mark.parametrize("warm", [0, 1], ids=["interpreter", "zygote"])
@pytest.mark.parametrize("closed", CLOSED, ids=str)
def test_a_child_is_measured_in_whatever_standard_streams_are_closed(
    closed: tuple[int, ...], warm: int
) -> None:
    assert _status("-c", MEASURE, str(warm), *map(str, closed)) == 0


def _status(*arguments: str) -> int:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, timeout=60, check=False
    ).returncode


def test_a_process_ends_by_itself_also_in_a_call_that_keeps_the_gil() -> None:
    code = (
        "from core.measuring.resources import end_by_itself_after\n"
        "end_by_itself_after(0.2)\n"
        "sum(range(10**12))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    if sys.platform == "win32":
        assert ended.returncode == 1, "as faulthandler ends a process"
    else:
        assert ended.returncode == -signal.SIGALRM
