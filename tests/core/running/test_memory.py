"""The memory of a process and of its workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.running import memory
from core.running.memory import KIB, forget_peak, peak_bytes, private_bytes, resident_bytes

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
