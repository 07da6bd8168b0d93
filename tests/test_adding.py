"""The walks of the docs that add a pattern and a workload, followed to the letter in a copy."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.needs import PORTABLE, portable_path

ROOT = Path(__file__).resolve().parents[1]
LIMIT_S = 240
FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?:py|md))`")
COMMAND = re.compile(r"`(python -m core run [^`]+)`")
SHOWN = """
import sys
from tests.kit.screen import blank
name, language = sys.argv[1:]
page = blank(name, by_itself=False)
page.at.query_params["lang"] = language
page.run()
print(*[each.value for each in (*page.at.title, *page.at.markdown)], sep="\\n")
print([each.options for each in page.at.segmented_control])
"""
POOL = """
import asyncio


class Pool:
    def __init__(self, size):
        self._free = asyncio.Semaphore(size)

    async def take(self):
        await self._free.acquire()

    def give_back(self):
        self._free.release()
"""
"""A library with a pool of connections, of which the recorder has never heard."""
POOLED = """
import asyncio
from contextlib import asynccontextmanager

from core.workloads import Workload


async def pooled(plan, pool, index):
    await pool.take()
    await asyncio.sleep(plan.sleep_s(index))
    pool.give_back()


@asynccontextmanager
async def opened(plan):
    from strange.pool import Pool

    yield Pool(plan.connections)


WORKLOAD = Workload(
    name="pooled",
    coroutine=pooled,
    opens=opened,
    connects=True,
    connecting=(("strange/pool.py", "Pool.take"),),
)
"""
ON = """
import core
spec = core.RunSpec(pattern="gather", workload="pooled", tasks=2, sleep_s=0.05, connections=1)
run = core.run(spec)
waits = run.spans.on[run.spans.state == core.timeline.timeline.State.WAITING]
print(*[each.name.lower() for each in map(core.timeline.timeline.On, waits)])
"""
EXPORTED = """
import sys
from core.spec.program import script
from core.spec.run_spec import RunSpec
print(script(RunSpec(pattern=sys.argv[1], workload=sys.argv[2], tasks=2, sleep_s=0.05)))
"""

pytestmark = pytest.mark.real


def blocks(walk: Path) -> Iterator[tuple[str, str]]:
    """Yield the blocks of code of a walk, each with the file that was named last before it."""
    named = ""
    block: list[str] | None = None
    for line in walk.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith("```"):
            if block is not None:
                yield named, "".join(block)
            block = [] if block is None else None
        elif block is not None:
            block.append(line)
        elif found := FILE.findall(line):
            named = found[-1]


def put(path: Path, block: str) -> None:
    """Write a new file; in one that is there, add lines below the first, which it must have."""
    if not path.exists():
        path.write_text(block, encoding="utf-8")
        return
    first, added = block.split("\n", 1)
    text = path.read_text(encoding="utf-8")
    assert text.count(f"{first}\n") == 1, f"{path} does not have once: {first}"
    path.write_text(text.replace(f"{first}\n", block), encoding="utf-8")
    assert added


def followed(walk: str, copy: Path) -> Path:
    """Return a copy of the tree in which a walk has been followed."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    for name, block in blocks(copy / walk):
        put(copy / name, block)
    return copy


def in_copy(copy: Path, *command: str) -> str:
    """Return what Python prints in a copy of the tree; fail unless it ends well."""
    hidden_from = {"PYTHONPATH": str(copy / PORTABLE.relative_to(ROOT))} if portable_path() else {}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env={**os.environ, **hidden_from},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def commands(walk: str) -> list[list[str]]:
    """Return what a walk says to run, without the word `python`."""
    text = (ROOT / walk).read_text(encoding="utf-8")
    return [" ".join(each.split()).split()[1:] for each in COMMAND.findall(text)]


def run_tests(copy: Path, *tests: str) -> None:
    in_copy(copy, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *tests)


def check_style(copy: Path, *files: str) -> None:
    for command in (["check"], ["format", "--check"]):
        in_copy(copy, "-m", "ruff", *command, "--no-cache", *files)


PATTERN = "docs/add-a-pattern.md"
WORKLOAD = "docs/add-a-workload.md"


@pytest.fixture(scope="module")
def with_pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return followed(PATTERN, tmp_path_factory.mktemp("pattern"))


@pytest.fixture(scope="module")
def with_workload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return followed(WORKLOAD, tmp_path_factory.mktemp("workload"))


def test_a_pattern_that_was_added_runs(with_pattern: Path) -> None:
    (command,) = commands(PATTERN)
    told = in_copy(with_pattern, *command)
    assert "staggered" in told
    assert "job 3" in told
    run_tests(
        with_pattern,
        "tests/core/patterns/test_staggered.py",
        "tests/core/patterns/test_registry.py",
    )


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_pattern_that_was_added_has_a_page_in_each_language(
    language: str, with_pattern: Path
) -> None:
    pytest.importorskip("streamlit")
    shown = in_copy(with_pattern, "-c", SHOWN, "staggered", language)
    assert "not all at the same moment" in shown
    assert "each a little later than the one above it" in shown


def test_a_workload_that_was_added_runs_with_every_kind_of_pattern(with_workload: Path) -> None:
    as_coroutine, blocking = commands(WORKLOAD)
    for command in (as_coroutine, blocking):
        told = in_copy(with_workload, *command)
        assert "job 3" in told
    run_tests(
        with_workload,
        "tests/core/workloads/test_program.py",
        "tests/core/workloads/test_registry.py",
        "tests/core/spec/test_run_spec.py",
    )


def test_a_script_of_a_workload_that_was_added_runs_alone(
    with_workload: Path, tmp_path: Path
) -> None:
    for pattern in ("gather", "threads"):
        text = in_copy(with_workload, "-c", EXPORTED, pattern, "program")
        file = tmp_path / f"{pattern}.py"
        file.write_text(text, encoding="utf-8")
        printed = in_copy(tmp_path, "-I", str(file)).splitlines()
        assert printed[-2] == "['job 1', 'job 2']"


def test_where_a_workload_waits_for_its_connection_stands_in_its_record_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = followed(PATTERN, tmp_path / "copy")
    put(copy / "core/workloads/pooled.py", POOLED)
    put(copy / "core/workloads/__init__.py", '    "file",\n    "pooled",\n')
    library = tmp_path / "site-packages" / "strange"
    library.mkdir(parents=True)
    put(library / "pool.py", POOL)
    monkeypatch.setenv("PYTHONPATH", str(library.parent))
    assert in_copy(copy, "-c", ON).split().count("connection") == 1


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_offers_a_workload_that_was_added(language: str, with_workload: Path) -> None:
    pytest.importorskip("streamlit")
    shown = in_copy(with_workload, "-c", SHOWN, "compare", language)
    assert "'program'" in shown


def test_what_the_walks_add_is_in_the_style_of_the_house(
    with_pattern: Path, with_workload: Path
) -> None:
    pytest.importorskip("ruff")
    for copy, walk in ((with_pattern, PATTERN), (with_workload, WORKLOAD)):
        names = {name for name, _block in blocks(ROOT / walk) if name.endswith(".py")}
        new = sorted(name for name in names if not (ROOT / name).exists())
        assert len(new) >= 2
        check_style(copy, *new)
