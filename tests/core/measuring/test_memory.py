"""The memory of a process and of its workers."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.measuring import memory
from core.measuring.memory import (
    KIB,
    allowed_in,
    forget_peak,
    peak_bytes,
    private_bytes,
    resident_bytes,
)

ROOT = Path(__file__).resolve().parents[3]
MIB = KIB * KIB
on_linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")


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


def test_without_proc_the_peak_is_that_of_getrusage(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = peak_bytes()
    monkeypatch.setattr(memory, "PROC", tmp_path)
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


def test_a_process_may_take_no_more_than_its_limit() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_DATA, (2**29, 2**29));"
        "from core.measuring.memory import allowed_bytes; print(allowed_bytes())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert float(said.stdout) <= 2**29
