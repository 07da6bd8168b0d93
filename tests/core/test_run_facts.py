"""A fact of a run is written down where it is measured, and in `RunFacts`; the rest follows."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.processes import ROOT

LIMIT_S = 60
LINE = "    recording_failure: str | None = None\n"
MEASURED = "            recording_failure=recorder.failure,\n"


def edit(file: Path, line: str, added: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(line) == 1
    file.write_text(text.replace(line, line + added), encoding="utf-8")


@pytest.mark.real
def test_a_new_fact_of_a_run_is_two_edits(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "core", tmp_path / "core", ignore=shutil.ignore_patterns("__pycache__"))
    edit(tmp_path / "core" / "jobs.py", LINE, "    page_faults: int = 0\n")
    edit(tmp_path / "core" / "measuring" / "child.py", MEASURED, "            page_faults=42,\n")

    def python(*words: str) -> str:
        command = [sys.executable, *words]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=LIMIT_S
        ).stdout

    python("-m", "core", "run", "gather", "--tasks", "2", "--sleep", "0.01", "--json", "run.json")
    assert json.loads((tmp_path / "run.json").read_text())["page_faults"] == 42
    assert python("-c", "import core; print(core.load('run.json')[0].page_faults)") == "42\n"
