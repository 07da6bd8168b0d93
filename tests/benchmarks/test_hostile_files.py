"""Hostile files: each is refused in a line or shown, in a process of 1 GB."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.hostile_files import HOSTILE, main, opened, run_file

ROOT = Path(__file__).resolve().parents[2]
GB = 1 << 30
LARGE = ("10^8", "500,000", "60,000", "without an end", "emoji", "2 GB")
"""What takes a while to make; the process of 1 GB opens them all."""
SMALL = [name for name in HOSTILE if not any(part in name for part in LARGE)]


@pytest.mark.parametrize("name", SMALL)
def test_a_hostile_file_is_shown_or_refused_in_a_line(name: str) -> None:
    said = opened(HOSTILE[name]())
    assert said.isprintable()
    assert 0 < len(said) <= 300


def test_a_good_file_is_shown() -> None:
    assert opened(run_file()) == "shown"


@pytest.mark.real
def test_a_process_of_1_gb_opens_one_after_another() -> None:
    if sys.platform == "win32":
        pytest.skip("Windows does not limit memory")
    import resource

    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.hostile_files"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (GB, GB)),
    )
    assert ended.stderr.strip(".") == ""
    assert ended.returncode == 0
    assert len(ended.stdout.splitlines()) == len(HOSTILE) + 2


def test_the_table_says_what_became_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--only", "a wall time"])
    heads, _line, row = capsys.readouterr().out.splitlines()
    assert heads.startswith("| file ")
    assert row.startswith("| a wall time of 0 |")
    assert row.endswith(" shown |")
