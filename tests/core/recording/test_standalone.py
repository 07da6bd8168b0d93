"""The package stands alone: any process can have it, under any name, beside packages of its own."""

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import core.recording

FOLDER = Path(core.recording.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
FOR_DASK = {"distributed", "cloudpickle"}
"""What modules about Dask may import, and only in functions."""

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
        if level:
            assert level == 1
            assert (FOLDER / f"{module}.py").is_file(), module
        else:
            is_lazy = path.stem.startswith("dask_") and in_function
            allowed = sys.stdlib_module_names | (FOR_DASK if is_lazy else set())
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
