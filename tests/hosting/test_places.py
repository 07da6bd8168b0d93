"""Wherever it is started from: folders of odd names, other settings of Python, missing places."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.needs import need_euc_kr
from tests.kit.server import ROOT

pytestmark = pytest.mark.real

PROCESSES = "run run_in_executor --executor processes --workers 2 --tasks 2 --sleep 0.01"
POSTGRES = "run gather --workload postgres --tasks 2"
DASK = "run run_in_executor --executor dask --workers 1 --tasks 2 --sleep 0.01"
LIMIT_S = 100
DRAWN = """
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("app.py", default_timeout=60).run().switch_page("pages/gather.py").run()
assert not page.exception, page.exception
print(*(each.value for each in page.code), *(each.value for each in page.markdown))
"""
NO_SHARED_MEMORY = (
    "processes share semaphores in /dev/shm, which cannot be used here (Read-only file system); "
    "mount it, or choose another executor"
)


ODD_NAME = "한글 폴더 with spaces"


def copied(folder: Path) -> Path:
    """Copy what runs to a new folder."""
    for name in ("core", "pages"):
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=leave_out)
    shutil.copy(ROOT / "app.py", folder)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what runs, in a folder whose name has spaces and Hangul."""
    return copied(tmp_path / ODD_NAME)


def said(
    line: str, folder: Path, *before: str, without: str = "", given: str = "", **environment: str
) -> tuple[int, str]:
    """Return the status of a command of the shell to which a text is given, and what it said."""
    inherited = {name: value for name, value in os.environ.items() if name != without}
    ended = subprocess.run(
        [*before, sys.executable, "-m", "core", *shlex.split(line)],
        cwd=folder,
        env={**inherited, **environment},
        input=given,
        capture_output=True,
        encoding="euc-kr" if "EUC-KR" in environment.get("LC_ALL", "") else "utf-8",
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


def in_euc_kr(name: str) -> str:
    """Return a name as this process has it where the file system has it in EUC-KR."""
    return os.fsdecode(name.encode("euc-kr"))


@pytest.mark.parametrize("line", [PROCESSES, POSTGRES, DASK])
def test_texts_need_not_be_in_utf_8(line: str, tmp_path: Path) -> None:
    folder = copied(tmp_path / in_euc_kr(ODD_NAME))
    status, text = said(line, folder, **need_euc_kr(tmp_path))
    assert status == 0, text
    assert "작업 2" in text
    assert " us" in text, "EUC-KR has no micro sign"


def test_files_have_names_in_the_encoding_of_the_system_and_content_in_utf_8(
    tmp_path: Path,
) -> None:
    environment = need_euc_kr(tmp_path)
    program, recording = tmp_path / in_euc_kr("프로그램 1.py"), tmp_path / in_euc_kr("기록")
    program.write_text(
        "import asyncio\n\nasync def 일():\n    print('작업')\n\nasyncio.run(일())\n",
        encoding="utf-8",
    )
    lines = [
        f"record --out '{recording}' '{program}'",
        f"show '{recording}'",
        f"export --format json -o '{recording}.json' '{recording}'",
        f"show '{recording}.json'",
        f"export --format html -o '{recording}.html' '{recording}.json'",
    ]
    for line in lines:
        status, text = said(line, ROOT, **environment)
        assert status == 0, text
    told = json.loads(Path(f"{recording}.json").read_text(encoding="utf-8"))
    assert Path(told["program"]["command"][0]).name == "프로그램 1.py"
    assert [job["name"] for job in told["jobs"]] == ["Task-1"]


PARENT = """\
import asyncio, multiprocessing, sys

async def 일():
    await asyncio.sleep(0.01)

async def 모두():
    await asyncio.gather(일(), 일())
    child = await asyncio.create_subprocess_exec(sys.executable, "아이 2.py")
    assert await child.wait() == 0

def 안에서():
    asyncio.run(일())

if __name__ == "__main__":
    asyncio.run(모두())
    process = multiprocessing.get_context("spawn").Process(target=안에서, name="아이")
    process.start()
    process.join()
    assert process.exitcode == 0
"""
CHILD = "import asyncio\nasyncio.run(asyncio.sleep(0.01))\n"


@pytest.mark.parametrize("is_in_utf_8", [True, False])
def test_child_processes_of_a_program_are_recorded_whatever_its_folders_are_called(
    is_in_utf_8: bool, tmp_path: Path
) -> None:
    environment = {} if is_in_utf_8 else need_euc_kr(tmp_path)
    named = str if is_in_utf_8 else in_euc_kr
    app, home, folder = (tmp_path / named(name) for name in (ODD_NAME, "집 안", "작업 폴더"))
    copied(app)
    for path in app.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    for each in (home, folder):
        each.mkdir()
    for name, text in (("프로그램 1.py", PARENT), ("아이 2.py", CHILD)):
        (folder / named(name)).write_text(text, encoding="utf-8", newline="\r\n")
    environment |= {"HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(app)}
    status, text = said(f"record --children '{named('프로그램 1.py')}'", folder, **environment)
    assert status == 0, text
    files = list(folder.glob("*.loopscope"))
    assert len(files) == 3, text
    told = " ".join(f"'{file.name}'" for file in files)
    status, text = said(f"export --format json -o it.json {told}", folder, **environment)
    assert status == 0, text
    runs = json.loads((folder / "it.json").read_text(encoding="utf-8"))["runs"]
    assert sorted(run["program"]["process"]["name"] for run in runs) == ["", "", "아이"]
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("line", ["show '한글'", "record '한글'", "run gather --json '한글/x'"])
def test_a_name_that_the_system_cannot_encode_is_refused_in_one_line(
    line: str, tmp_path: Path
) -> None:
    status, text = said(line, ROOT, **need_euc_kr(tmp_path))
    assert status == 2
    assert text.count("\n") == 1
    assert "euc_kr" in text


def test_a_checkout_may_have_the_ends_of_lines_of_windows(tmp_path: Path) -> None:
    folder = copied(tmp_path / "checkout")
    for path in folder.rglob("*"):
        if path.suffix in {".py", ".md", ".po", ".css", ".js"}:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    line = "run gather --tasks 2 --sleep 0.01 --json -"
    runs = []
    for each in (folder, ROOT):
        status, text = said(line, each)
        assert status == 0, text
        runs.append(json.loads(text))
    assert runs[0]["code"] == runs[1]["code"]
    assert_measured(said("run gather --tasks 2 --sleep 0.01", folder))
    status, script = said("export --format script -", folder, given=json.dumps(runs[0]))
    assert status == 0, script
    assert "\r" not in script
    drawn = subprocess.run(
        [sys.executable, "-c", DRAWN],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert drawn.returncode == 0, drawn.stderr
    assert "async def gather" in drawn.stdout
    assert "\r" not in drawn.stdout


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
    test = "tests/core/shell/test_shell.py::test_an_interrupt_is_status_130_and_leaves_no_process"
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
