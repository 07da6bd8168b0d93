"""Programs of somebody's own, run bare and recorded, each in a process of its own."""

import subprocess
import sys
import textwrap
from pathlib import Path

from core import runfile
from core.timeline.laws import violations
from core.timeline.timeline import Timeline
from tests.kit.needs import portable_path

RECORDER = str(Path(__file__).resolve().parents[3] / "core/recording")
LIMIT_S = 60


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
    (folder / "core").mkdir(exist_ok=True)
    (folder / "core/__init__.py").touch()
    (folder / "core/mine.py").write_text("async def main(): print(__name__)\n", encoding="utf-8")
    return script.name
