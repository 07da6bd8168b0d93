"""How a recording is opened: by the dashboard, where this is a checkout of it."""

import importlib.util
import os
import shlex
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
HAS_DASHBOARD = (CHECKOUT / "core" / "shell").is_dir()


def how_to_open(*files: str) -> str:
    """Return the command that shows recordings, to be copied into a terminal."""
    quote = shlex.quote if sys.platform != "win32" else lambda file: subprocess.list2cmdline([file])
    command = " ".join(["python -m core show", *map(quote, files)])
    if HAS_DASHBOARD:
        return command
    return f"in a checkout of Loopscope, {command}, or its page Open a run file"


def why_not_shown(file: str) -> str | None:
    """Return why the chart of a recording cannot be printed here; None if it can."""
    if not HAS_DASHBOARD:
        return f"the dashboard opens {file}: {how_to_open(file)}"
    if importlib.util.find_spec("numpy") is None:
        requirements = CHECKOUT / "requirements.txt"
        return f"to show {file}, install the dashboard: pip install -r {requirements}"
    return None


def show(files: list[str]) -> int:
    """Print the chart and the findings of recordings; return the exit status."""
    # a process of its own, as this one may have been started beside a package called `core`
    places = [os.path.abspath(file) for file in files]  # noqa: PTH100 - `-` is standard input
    command = [sys.executable, "-m", "core", "show", *places]
    return subprocess.call(command, cwd=CHECKOUT)  # noqa: S603
