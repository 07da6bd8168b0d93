"""Who may import whom, as a table; see "Who may import whom" in docs/architecture.md."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "text": set(),
    "processes": {"text"},
    "jobs": set(),
    "errors": {"text"},
    "pattern": {"jobs"},
    "patterns": {"jobs", "pattern"},
    "recording": set(),
    "workloads": {"text", "jobs", "recording"},
    "spec": {"text", "jobs", "errors", "pattern", "patterns", "workloads"},
    "settings": {"text", "errors", "spec"},
    "timeline": {"jobs", "recording", "spec"},
    "analysis": {
        "text",
        "jobs",
        "pattern",
        "patterns",
        "workloads",
        "recording",
        "spec",
        "timeline",
    },
    "services": {"text", "processes", "errors", "workloads", "recording", "spec", "settings"},
    "measuring": {
        "text",
        "processes",
        "jobs",
        "errors",
        "pattern",
        "patterns",
        "workloads",
        "recording",
        "spec",
        "settings",
        "timeline",
        "services",
    },
    "runfile": {"text", "jobs", "errors", "recording", "spec", "timeline", "analysis"},
    "own_code": {
        "text",
        "processes",
        "errors",
        "workloads",
        "recording",
        "spec",
        "timeline",
        "measuring",
        "runfile",
    },
    "sweep": {"text", "errors", "workloads", "spec", "timeline", "analysis", "measuring"},
    "charts": {"text", "errors", "workloads", "recording", "spec", "timeline", "analysis", "sweep"},
    "exports": {
        "text",
        "jobs",
        "patterns",
        "workloads",
        "recording",
        "spec",
        "timeline",
        "analysis",
        "services",
        "runfile",
        "charts",
    },
    "shell": {
        "text",
        "jobs",
        "errors",
        "pattern",
        "patterns",
        "workloads",
        "spec",
        "timeline",
        "analysis",
        "measuring",
        "runfile",
        "exports",
    },
}
"""The parts of core in the order of the data's way, and which others each may import.

A part imports only what stands above it, so there is no circle: what measures knows nothing of what
presents.
"""
LONGEST_MAP = 120
"""In lines: reasons stand at the code, what was refused in a page of its own."""
MOST_FLAT = 8
"""How many modules there may be in addition to the packages of core."""

OUTSIDE = {
    "plotly": ("core/charts/", "benchmarks/", "tests/"),
    "streamlit": ("app.py", "pages/", "tests/", "benchmarks/"),
    "pages": ("app.py", "pages/", "tests/", "benchmarks/"),
    "numpy": ("core/", "pages/", "benchmarks/", "tests/"),
    "pandas": ("core/exports/", "pages/", "tests/", "benchmarks/"),
    "msgspec": ("core/runfile/", "core/exports/", "tests/"),
    "psutil": ("core/processes.py", "tests/", "benchmarks/"),
    "babel": ("core/text/language.py", "tests/test_words.py"),
}
"""Who may import a package, by the beginnings of their paths."""

ASKS_THE_SYSTEM = {
    *("asyncio", "fcntl", "multiprocessing", "os", "psutil", "resource", "select"),
    *("signal", "socket", "subprocess", "sys"),
}
"""The modules of which the portable mode takes something away, or that go by what it takes."""

STANDS_ALONE = ROOT / "core" / "recording"
"""What can be put into any process, under any name; `test_standalone.py` there has the rule."""


def sources() -> list[Path]:
    """Return the project's own Python files."""
    folders = ("core", "pages", "benchmarks", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted([*files, *ROOT.glob("*.py")])


def imports_of(path: Path, *, at_once: bool = False) -> Iterator[str]:
    """Yield the full names of the modules that a file imports, wherever in it or `at_once`."""
    for node in _imports_in(path, at_once=at_once):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            module = absolute_name(path, node)
            yield from (
                f"{module}.{alias.name}" if module == "core" else module for alias in node.names
            )


@cache
def _imports_in(path: Path, *, at_once: bool) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Return the imports of a file, which is read once for all rules that ask for them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = _run_on_import(tree) if at_once else ast.walk(tree)
    return tuple(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


def absolute_name(path: Path, node: ast.ImportFrom) -> str:
    """Return the full name of the module from which a file imports."""
    if not node.level:
        assert node.module is not None
        return node.module
    assert path.is_relative_to(STANDS_ALONE), f"{path} imports relatively"
    assert node.level == 1
    return f"{module_of(path.parent)}.{node.module}"


def _run_on_import(tree: ast.Module) -> Iterator[ast.AST]:
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from ast.walk(node)


def part_of(module: str) -> str:
    """Return the part of core that a module belongs to: of `core.recording.loop`, `recording`."""
    return module.split(".")[1]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def files_of(part: str) -> list[Path]:
    folder = ROOT / "core" / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_of_core_imports_only_what_it_may(part: str) -> None:
    for path in files_of(part):
        of_core = {part_of(name) for name in imports_of(path) if name.startswith("core.")}
        assert of_core - {part} <= MAY_IMPORT[part], path


def test_every_part_of_core_imports_only_parts_above_it() -> None:
    above: set[str] = set()
    for part, may_import in MAY_IMPORT.items():
        assert may_import <= above, part
        above.add(part)


def test_the_table_names_every_part_of_core_and_few_are_single_modules() -> None:
    entries = [path for path in (ROOT / "core").iterdir() if path.name != "__pycache__"]
    modules = {path.stem for path in entries if path.suffix == ".py"}
    folders = {path.name for path in entries if path.is_dir()}
    assert (modules | folders) - {"__init__", "__main__"} == set(MAY_IMPORT)
    assert len(modules) <= MOST_FLAT


def test_the_map_names_every_package_and_module_of_core_and_is_short() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    names = {
        f"core/{part}" + ("/" if (ROOT / "core" / part).is_dir() else ".py") for part in MAY_IMPORT
    }
    folders = {"app.py", "pages/", "components/", "tests/", "benchmarks/"}
    assert {name for name in names | folders if f"`{name}" not in text} == set()
    paths = re.findall(r"`((?:app|core|pages|tests|benchmarks)[/\w]*(?:\.py|/))`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert text.count("\n") <= LONGEST_MAP


@pytest.mark.parametrize("package", OUTSIDE)
def test_a_package_is_imported_only_where_it_belongs(package: str) -> None:
    importing = [
        str(path.relative_to(ROOT))
        for path in sources()
        if any(name.split(".")[0] == package for name in imports_of(path))
    ]
    assert [path for path in importing if not path.startswith(OUTSIDE[package])] == []


@pytest.mark.parametrize("part", ["recording", "patterns", "workloads", "measuring", "services"])
def test_what_measures_imports_only_the_standard_library_beside_core(part: str) -> None:
    """What a workload or a service needs beyond it is imported in a function, on first use."""
    files = files_of(part)
    assert files
    for path in files:
        roots = {name.split(".")[0] for name in imports_of(path, at_once=True)}
        # pytest itself imports the plugin for it, and nobody else does
        own = {"core", "pytest"} if path.stem == "pytest_plugin" else {"core"}
        assert roots <= sys.stdlib_module_names | own, path


def test_what_is_not_run_in_the_portable_mode_asks_the_system_nothing() -> None:
    """Else it would have to be run there, too: see `tests/kit/portable/sitecustomize.py`."""
    left_out = re.findall(r"--ignore=tests/core/(\w+)", (ROOT / ".ci" / "run").read_text("utf-8"))
    assert left_out
    for part in left_out:
        for path in files_of(part):
            roots = {name.split(".")[0] for name in imports_of(path)}
            assert roots & ASKS_THE_SYSTEM == set(), path


def test_the_measuring_child_loads_nothing_but_the_standard_library() -> None:
    code = "import sys, core.measuring.child; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    before = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    if sys.platform == "win32":
        loaded -= {"psutil"}  # there nothing else knows the memory of a process
    # made when CPython is built, since 3.15, and in no list of its modules
    own = {"core", "__main__", "__mp_main__", "_missing_stdlib_info"} | {
        name.split(".")[0] for name in before.stdout.split()
    }
    assert loaded - own - sys.stdlib_module_names == set()


def test_a_module_is_an_idea_and_no_longer_than_one() -> None:
    folders = ("core", "pages", "benchmarks")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert [path for path, count in lines.items() if count > 400] == []
