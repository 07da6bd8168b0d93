"""The package stands alone: any process can have it, under any name, beside packages of its own."""

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import core.recording
from core import runfile

FOLDER = Path(core.recording.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
FOR_DASK = {"distributed", "cloudpickle"}
"""What modules about Dask may import, and only in functions."""
FOR_PYTEST = "pytest_plugin"
"""The module that pytest imports, and nobody else."""

PROGRAM = """
import asyncio
import importlib
import json
import pkgutil
import sys
from concurrent.futures import ProcessPoolExecutor

import core
import elsewhere
from elsewhere.events import COLUMNS, KIND_MASK, Kind
from elsewhere.executors import recorded_executors
from elsewhere.loop import recorded_loops
from elsewhere.marks import MarkedBlockingJob, MarkedCoroutineJob
from elsewhere.recorder import Recorder


async def sleep(index):
    await asyncio.sleep(0.001)
    return index


def square(index):
    return index * index


async def main(sleeper, squarer):
    await asyncio.gather(*[sleeper(index) for index in range(3)])
    await asyncio.to_thread(squarer, 3)
    with ProcessPoolExecutor(1) as pool:
        await asyncio.get_running_loop().run_in_executor(pool, squarer, 4)


if __name__ == "__main__":
    for module in pkgutil.iter_modules(elsewhere.__path__):
        if module.name != "pytest_plugin":
            importlib.import_module(f"elsewhere.{module.name}")
    recorder = Recorder()
    with recorded_loops(recorder), recorded_executors(recorder):
        sleeper, squarer = MarkedCoroutineJob(sleep, recorder), MarkedBlockingJob(square, recorder)
        asyncio.run(main(sleeper, squarer))
    parcel = recorder.take()
    rows = memoryview(parcel.events).cast("q")
    told = {
        "core": core.NAME,
        "failure": recorder.failure,
        "kinds": [Kind(kind & KIND_MASK).name for kind in rows[:: len(COLUMNS)]],
        "results": {str(number): result for number, result in recorder.results.items()},
        "sites": parcel.sites,
        "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    }
    print(json.dumps(told))
"""


def imports_of(tree: ast.AST, *, in_function: bool = False) -> Iterator[tuple[str, int, bool]]:
    """Yield the module, the level and whether it is in a function of each import, wherever."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0, in_function) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level, in_function
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from imports_of(node, in_function=in_function or is_function)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_its_own_package_by_dots_and_beside_it_the_standard_library(
    path: Path,
) -> None:
    for module, level, in_function in imports_of(ast.parse(path.read_text(encoding="utf-8"))):
        assert module != FOR_PYTEST
        if level:
            assert level == 1
            assert (FOLDER / f"{module}.py").is_file(), module
        else:
            is_lazy = path.stem.startswith("dask_") and in_function
            allowed = sys.stdlib_module_names | (FOR_DASK if is_lazy else set())
            allowed |= {"pytest"} if path.stem == FOR_PYTEST else set()
            assert module.partition(".")[0] in allowed


def test_under_another_name_and_beside_another_core_it_records_with_the_standard_library(
    tmp_path: Path,
) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(FOLDER, tmp_path / "elsewhere", ignore=ignore)
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text("NAME = 'of the program'\n")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    # -E and -S: neither this checkout nor any installed package can be found
    done = subprocess.run(
        [sys.executable, "-E", "-S", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd="/",
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["core"], told["failure"]) == ("of the program", None)
    assert told["results"] == {"0": 0, "1": 1, "2": 2, "3": 9, "4": 16}
    kinds = {name: told["kinds"].count(name) for name in ("CREATED", "TAKEN", "WORKED")}
    assert kinds == {"CREATED": 5, "TAKEN": 2, "WORKED": 2}
    assert told["kinds"].count("STEP") > 3
    line = PROGRAM.splitlines().index("    await asyncio.sleep(0.001)") + 1
    assert f"program.py:{line}" in told["sites"]
    own = {"__main__", "__mp_main__", "core", "elsewhere", "_missing_stdlib_info"}
    assert set(told["modules"]) - sys.stdlib_module_names == own & set(told["modules"])


ROOT = Path(__file__).resolve().parents[3]
INTERPRETERS = {
    version: path
    for version in ("3.11", "3.12", "3.13", "3.14", "3.15")
    if (path := shutil.which(f"python{version}"))
}
"""Those of other versions that are at hand."""
PYTHONS = {"this": sys.executable} | INTERPRETERS
INSTALLED = """
import asyncio, sys

async def main():
    await asyncio.gather(*[asyncio.sleep(0.001) for _ in range(3)])
    print(sys.argv, sorted(name for name in sys.modules if name.startswith("core")))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="builds the wheel")
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (path,) = folder.iterdir()
    return path


def test_the_wheel_has_the_recorder_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith("/METADATA"))
        told = archive.read(metadata).decode()
        entries = archive.read(metadata.replace("METADATA", "entry_points.txt")).decode()
    assert {Path(name).parts[0].partition("-")[0] for name in names} == {"loopscope"}
    assert {Path(name).name for name in names} >= {path.name for path in MODULES}
    assert "loopscope/hook/sitecustomize.py" in names
    assert "Requires-Python: >=3.11\n" in told
    assert "Requires-Dist" not in told
    assert "[pytest11]\nloopscope.pytest_plugin = loopscope.pytest_plugin\n" in entries


@pytest.mark.real
@pytest.mark.parametrize("python", PYTHONS.values(), ids=PYTHONS)
def test_installed_alone_the_command_records(python: str, wheel: Path, tmp_path: Path) -> None:
    bare = {"PATH": os.defpath, "HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}

    def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False, timeout=90
        )

    made = run(python, "-m", "venv", "--without-pip", "bare")
    if made.returncode and python is not sys.executable:
        pytest.skip(f"no venv module: {made.stderr}")
    folder = tmp_path / "bare" / ("Scripts" if os.name == "nt" else "bin")
    own, command = folder / "python", folder / "loopscope"
    install = ("install", "--no-deps", "--no-index", "--disable-pip-version-check", wheel)
    installed = run(python, "-m", "pip", "--python", own, *install)
    if installed.returncode and python is not sys.executable:
        pytest.skip(f"no pip: {installed.stderr}")
    assert installed.returncode == 0, installed.stderr

    (tmp_path / "program.py").write_text(INSTALLED)
    done = run(command, "record", "program.py", "--fast")
    assert (done.returncode, done.stdout) == (0, "['program.py', '--fast'] []\n")
    assert done.stderr.startswith("loopscope: 4 tasks and calls recorded; open them: ")
    with (tmp_path / "program.loopscope").open("rb") as file:
        (timeline,) = runfile.load_from(file)
    assert timeline.jobs.name[0] == "Task-1"
    assert timeline.python.startswith(run(own, "-V").stdout.split()[1])
    again = run(own, "-m", "loopscope", "record", "--out", "again", "program.py")
    assert (again.returncode, again.stdout) == (0, "['program.py'] []\n")

    assert run(command, "--version").stdout.startswith(f"loopscope {core.__version__}, Python 3.")
    shown = run(command, "show", "program.loopscope")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "python -m core show program.loopscope" in shown.stderr
    assert shown.stderr.count("\n") == 1
