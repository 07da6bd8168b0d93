"""Wherever it is started from: folders of odd names, other settings of Python, missing places."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.server import ROOT

pytestmark = pytest.mark.real

PROCESSES = "run run_in_executor --executor processes --workers 2 --tasks 2 --sleep 0.01"
POSTGRES = "run gather --workload postgres --tasks 2"
DASK = "run run_in_executor --executor dask --workers 1 --tasks 2 --sleep 0.01"
LIMIT_S = 100
NO_SHARED_MEMORY = (
    "processes share semaphores in /dev/shm, which cannot be used here (Read-only file system); "
    "mount it, or choose another executor"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what runs, in a folder whose name has spaces and Hangul."""
    folder = tmp_path / "한글 폴더 with spaces"
    folder.mkdir()
    for name in ("core", "pages"):
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=leave_out)
    return folder


def said(
    line: str, folder: Path, *before: str, without: str = "", **environment: str
) -> tuple[int, str]:
    """Return the status of a command of the shell, and what it said."""
    inherited = {name: value for name, value in os.environ.items() if name != without}
    ended = subprocess.run(
        [*before, sys.executable, "-m", "core", *line.split()],
        cwd=folder,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def assert_measured(told: tuple[int, str]) -> None:
    status, text = told
    assert status == 0, text
    assert "job 2" in text


@pytest.mark.parametrize("line", [PROCESSES, POSTGRES, DASK])
def test_a_folder_may_have_spaces_and_hangul_in_its_name(line: str, checkout: Path) -> None:
    assert_measured(said(line, checkout))


@pytest.mark.parametrize("line", [PROCESSES, POSTGRES, DASK])
def test_python_may_have_a_safe_path(line: str, checkout: Path, tmp_path: Path) -> None:
    told = said(line, tmp_path, PYTHONSAFEPATH="1", PYTHONPATH=str(checkout))
    assert_measured(told)


@pytest.mark.parametrize("name", ["임시 folder with spaces", f"{'x' * 120}/{'y' * 120}"])
@pytest.mark.parametrize("line", [PROCESSES, POSTGRES])
def test_the_temporary_folder_may_have_any_name(line: str, name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir(parents=True)
    assert_measured(said(line, ROOT, TMPDIR=str(folder)))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("line", [PROCESSES, POSTGRES])
@pytest.mark.parametrize("home", ["", "/nonexistent/home"])
def test_there_need_be_no_home(line: str, home: str) -> None:
    told = said(line, ROOT, HOME=home) if home else said(line, ROOT, without="HOME")
    assert_measured(told)


def mounted(commands: str) -> list[str]:
    """Return what runs a command after mounts that only it sees; skip where nobody may mount.

    Who is not root mounts as the root of a namespace, and is himself again in one within.
    """
    if sys.platform == "win32":
        pytest.skip("Windows has no namespaces of mounts")
    before, then = ["unshare", "--mount"], ""
    if os.geteuid() != 0:
        before += ["--user", "--map-root-user"]
        then = f"unshare --user --map-user={os.geteuid()} --map-group={os.getegid()}"
    before += ["sh", "-ec", f'{commands}; exec {then} "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run([*before, "true"], check=False).returncode:
        pytest.skip("this machine lets nobody mount in a namespace of their own")
    return before


@pytest.mark.parametrize("line", [PROCESSES, DASK])
def test_without_shared_memory_pools_of_processes_say_what_is_missing(line: str) -> None:
    status, text = said(line, ROOT, *mounted("mount -t tmpfs -o ro,size=4k none /dev/shm"))
    assert status == 1
    assert text.count("\n") == 1
    assert NO_SHARED_MEMORY in text


@pytest.mark.parametrize("line", ["run gather --tasks 2 --sleep 0.01", POSTGRES])
def test_without_shared_memory_all_else_works(line: str) -> None:
    assert_measured(said(line, ROOT, *mounted("mount -t tmpfs -o ro,size=4k none /dev/shm")))


@pytest.mark.parametrize("line", [PROCESSES, POSTGRES])
def test_a_checkout_may_be_read_only(line: str, checkout: Path) -> None:
    path = f"'{checkout}'"
    read_only = f"mount --bind {path} {path}; mount -o remount,ro,bind {path}; cd {path}"
    before = mounted(f"{read_only}; ! touch new 2>/dev/null")
    assert_measured(said(line, checkout, *before))
    assert not list(checkout.rglob("__pycache__"))


def test_the_interrupt_is_tested_also_where_shells_let_it_be_ignored() -> None:
    test = (
        "tests/core/shell/test_commands.py::test_an_interrupt_is_status_130_and_leaves_no_process"
    )
    ended = subprocess.run(
        [
            "bash",
            "-c",
            'trap "" INT; exec "$@"',
            "bash",
            sys.executable,
            "-m",
            "pytest",
            "-q",
            test,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    assert "1 passed" in ended.stdout
