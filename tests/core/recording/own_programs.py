"""Programs of somebody's own, run bare and recorded, each in a process of its own."""

import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from core import runfile
from core.timeline.laws import violations
from core.timeline.timeline import Timeline
from tests.kit.needs import portable_path

RECORDER = str(Path(__file__).resolve().parents[3] / "core/recording")
LIMIT_S = 60


@dataclass(frozen=True, kw_only=True)
class Case:
    """A program, and what is known of it."""

    source: str
    jobs: int
    """How many tasks and calls it makes; those with which `asyncio.run` ends are not counted."""
    status: int = 0
    arguments: tuple[str, ...] = ()
    least: tuple[int, int] = (3, 11)
    marks: tuple[pytest.MarkDecorator, ...] = ()


def run_python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        input="from standard input",
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        env={"PYTHONPATH": portable_path(), "PATH": "", "HOME": str(folder)},
    )


def record(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_python(folder, RECORDER, "record", *arguments)


def recorded(path: Path) -> Timeline:
    with path.open("rb") as file:
        (timeline,) = runfile.load_from(file)
    assert not list(violations(timeline))
    return timeline


def program_in(folder: Path, source: str) -> str:
    script = folder / "program.py"
    script.write_text(textwrap.dedent(source), encoding="utf-8")
    with_package_core(folder)
    return script.name


def with_package_core(folder: Path) -> None:
    """Put a package `core` beside a program, as many have one."""
    (folder / "core").mkdir(exist_ok=True)
    (folder / "core/__init__.py").touch()
    (folder / "core/mine.py").write_text("async def main(): print(__name__)\n", encoding="utf-8")
