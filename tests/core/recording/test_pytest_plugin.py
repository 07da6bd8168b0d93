"""Of each asynchronous test that fails, `pytest --loopscope` leaves a recording."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from core.jobs import OwnProgram
from core.recording.pytest_plugin import MOST_STEM, file_name
from core.timeline.timeline import Outcome, Timeline
from tests.core.recording.test_file_recording import recorded
from tests.kit.needs import need_packages

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.real

UNITTEST = """
    import asyncio, unittest
    class TestIt(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self):
            await asyncio.create_task(asyncio.sleep(0.001), name="set up")
        async def test_fails(self):
            await asyncio.create_task(asyncio.sleep(0.001), name="inner")
            self.fail("as it should")
        async def test_passes(self):
            await asyncio.sleep(0.001)
    """
FUNCTIONS = """
    import asyncio, pytest
    {mark}
    @{fixture}
    async def answer():
        await asyncio.create_task(asyncio.sleep(0.001), name="set up")
        yield 42
        await asyncio.create_task(asyncio.sleep(0.001), name="torn down")
    async def test_fails(answer):
        await asyncio.create_task(asyncio.sleep(0.001), name="inner")
        assert answer == 43
    async def test_passes(answer):
        await asyncio.sleep(0.001)
        assert answer == 42
    """
PYTEST_ASYNCIO = FUNCTIONS.format(
    mark="import pytest_asyncio; pytestmark = pytest.mark.asyncio", fixture="pytest_asyncio.fixture"
)
ANYIO = FUNCTIONS.format(
    mark="""pytestmark = pytest.mark.anyio
    @pytest.fixture
    def anyio_backend(): return "asyncio"
    """,
    fixture="pytest.fixture",
)


TRIO = """
    import functools, pytest, trio
    from trio.testing import trio_test
    @trio_test
    async def test_fails():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 0.001, name="inner")
        raise ValueError("as it should")
    @trio_test
    async def test_passes():
        await trio.sleep(0.001)
    """
ANYIO_ON_TRIO = """
    import anyio, pytest
    pytestmark = pytest.mark.anyio
    async def in_task(name):
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 0.001, name=name)
    @pytest.fixture{scope}
    def anyio_backend(): return "trio"
    @pytest.fixture{scope}
    async def answer():
        await in_task("set up")
        yield 42
        await in_task("torn down")
    async def test_before(answer):
        await in_task("before")
    def test_without_a_loop():
        pass
    async def test_fails(answer):
        await in_task("inner")
        assert answer == 43
    async def test_passes(answer):
        await in_task("after")
        assert answer == 42
    """


def run(folder: Path, *options: str, source: str = "") -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder, with a file of tests in it, as where the recorder is installed."""
    if source:
        (folder / "test_it.py").write_text(textwrap.dedent(source), encoding="utf-8")
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    settings = ("-o", "asyncio_default_fixture_loop_scope=function")
    # of this project's own settings nothing holds there
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "core.recording.pytest_plugin", "-rA", "-q"),
            *("--rootdir", ".", "-p", "no:cacheprovider", *settings, *options),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def summary(told: subprocess.CompletedProcess[str]) -> list[str]:
    """Return how each test ended, as the report sums it up."""
    words = ("PASSED", "FAILED", "ERROR", "XFAIL", "SKIPPED")
    return [line for line in told.stdout.splitlines() if line.startswith(words)]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / ".loopscope").glob("*"))


def outcomes(timeline: Timeline) -> dict[str, Outcome]:
    return dict(zip(timeline.jobs.name, timeline.jobs.outcome, strict=True))


@pytest.mark.parametrize(
    ("source", "package", "name", "inside"),
    [
        (UNITTEST, "unittest", "test_it.TestIt.test_fails", {"set up", "inner"}),
        (PYTEST_ASYNCIO, "pytest_asyncio", "test_it.test_fails", {"set up", "inner", "torn down"}),
        (ANYIO, "anyio", "test_it.test_fails", {"set up", "inner", "torn down"}),
        (TRIO, "trio", "test_it.test_fails", {"inner"}),
    ],
    ids=["IsolatedAsyncioTestCase", "pytest-asyncio", "anyio", "trio"],
)
def test_a_test_that_fails_leaves_its_recording_and_one_that_passes_nothing(
    source: str, package: str, name: str, inside: set[str], tmp_path: Path
) -> None:
    need_packages(package)
    bare = run(tmp_path, source=source)
    assert not files(tmp_path)
    told = run(tmp_path, "--loopscope")
    assert told.returncode == 1, told.stdout + told.stderr
    assert summary(told) == summary(bare)
    assert len(summary(told)) == 2
    assert files(tmp_path) == [f"{name}.loopscope"]
    path = tmp_path / ".loopscope" / f"{name}.loopscope"
    section = told.stdout.partition("Recording by loopscope")[2]
    assert str(path) in section.splitlines()[1]
    assert "Recording by loopscope" not in section
    timeline = recorded(path)
    assert timeline.finished
    assert timeline.program.name == "pytest"
    found = outcomes(timeline)
    assert all(found[each] is Outcome.OK for each in inside)
    failures = [error.message for error in timeline.jobs.error if error]
    assert any("as it should" in each or "assert 42 == 43" in each for each in failures)


@pytest.mark.parametrize(
    ("scope", "inside", "outside"),
    [
        ("", {"set up", "inner", "torn down"}, {"before", "after"}),
        # one run of trio for all tests of the module: that of a test begins in it
        ("(scope='module')", {"inner"}, {"set up", "before", "after", "torn down"}),
    ],
    ids=["a run for each test", "a run for all tests"],
)
def test_a_run_of_trio_leaves_what_it_did_in_the_test_that_fails(
    scope: str, inside: set[str], outside: set[str], tmp_path: Path
) -> None:
    need_packages("anyio", "trio")
    bare = run(tmp_path, source=ANYIO_ON_TRIO.format(scope=scope))
    told = run(tmp_path, "--loopscope")
    assert (told.returncode, summary(told)) == (1, summary(bare)), told.stdout
    assert len(summary(told)) == 4
    assert files(tmp_path) == ["test_it.test_fails.loopscope"]
    timeline = recorded(tmp_path / ".loopscope" / "test_it.test_fails.loopscope")
    assert isinstance(timeline.program, OwnProgram)
    assert timeline.program.loops == ("trio",)
    found = outcomes(timeline)
    assert all(found[each] is Outcome.OK for each in inside)
    assert not outside & set(found)


OTHERS = """
    import asyncio, pytest
    def test_fails_without_a_loop():
        assert False
    def test_fails_after_its_own_loop():
        asyncio.run(asyncio.sleep(0.001))
        assert False
    @pytest.mark.xfail(strict=True)
    def test_fails_as_expected():
        asyncio.run(asyncio.sleep(0.001))
        assert False
    @pytest.fixture
    def broken():
        yield asyncio.run(asyncio.sleep(0, 42))
        raise ValueError("torn down")
    def test_passes_and_its_fixture_fails(broken):
        assert broken == 42
    @pytest.mark.parametrize("way", ["a b", "c/d"])
    def test_fails_each_time(way):
        asyncio.run(asyncio.sleep(0, way))
        assert False
    """


def test_what_leaves_a_recording_is_a_loop_in_a_test_that_fails_in_any_phase(
    tmp_path: Path,
) -> None:
    bare = run(tmp_path, source=OTHERS)
    told = run(tmp_path, "--loopscope")
    assert summary(told) == summary(bare)
    left = files(tmp_path)
    assert [name for name in left if "each_time" not in name] == [
        "test_it.test_fails_after_its_own_loop.loopscope",
        "test_it.test_passes_and_its_fixture_fails.loopscope",
    ]
    each_time = [name for name in left if "each_time" in name]
    results = {recorded(tmp_path / ".loopscope" / name).jobs.result for name in each_time}
    assert results == {("a b",), ("c/d",)}
    assert told.stdout.count("Recording by loopscope") == 4


def test_tests_that_all_pass_leave_no_folder(tmp_path: Path) -> None:
    source = "import asyncio\ndef test_it(): asyncio.run(asyncio.sleep(0))"
    told = run(tmp_path, "--loopscope", "--loopscope-folder", "there", source=source)
    assert told.returncode == 0, told.stdout
    assert not (tmp_path / "there").exists()


def test_of_a_test_that_ends_the_process_the_recording_is_there(tmp_path: Path) -> None:
    source = """
        import asyncio, os
        def test_it():
            async def main():
                await asyncio.sleep(0.8)
                os._exit(7)
            asyncio.run(main())
        """
    told = run(tmp_path, "--loopscope", "--loopscope-folder", "there", source=source)
    assert told.returncode == 7
    timeline = recorded(tmp_path / "there" / "test_it.test_it.loopscope")
    assert not timeline.finished
    assert len(timeline.jobs) == 1


def test_processes_of_xdist_record_and_the_report_names_their_files(tmp_path: Path) -> None:
    told = run(tmp_path, "--loopscope", "-n", "2", source=OTHERS)
    assert len(files(tmp_path)) == 4
    for name in files(tmp_path):
        assert name in told.stdout


def test_a_folder_that_cannot_be_made_is_said_beside_the_failure(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    options = ("--loopscope", "--loopscope-folder", "taken", "-k", "own_loop")
    told = run(tmp_path, *options, source=OTHERS)
    section = told.stdout.partition("Recording by loopscope")[2]
    assert section.splitlines()[1].endswith("own_loop.loopscope: File exists")


def test_a_test_that_records_itself_is_left_to_itself(tmp_path: Path) -> None:
    source = """
        import asyncio
        from core.recording import record
        def test_it():
            with record("own.loopscope"):
                asyncio.run(asyncio.sleep(0))
            assert False
        """
    told = run(tmp_path, "--loopscope", "-W", "error", source=source)
    assert "assert False" in told.stdout
    assert len(recorded(tmp_path / "own.loopscope").jobs) == 1
    assert not files(tmp_path)


def test_under_another_recording_the_report_says_so(tmp_path: Path) -> None:
    source = """
        import pytest
        from core.recording import start, stop
        @pytest.fixture(autouse=True, scope="session")
        def recording():
            start("all.loopscope")
            yield
            stop()
        def test_one(): pass
        def test_two(): assert False
        """
    told = run(tmp_path, "--loopscope", source=source)
    section = told.stdout.partition("Recording by loopscope")[2]
    assert "this process is recorded already: no second recording is made" in section
    assert not files(tmp_path)


def test_a_file_is_named_after_its_test() -> None:
    assert file_name("tests/test_it.py::TestIt::test_one[2]") == (
        "tests.test_it.TestIt.test_one[2].loopscope"
    )
    names = {file_name(f"test_it.py::test_one[{value}]") for value in ("a*", "a?", "b" * 999)}
    assert len(names) == 3
    assert all(len(name) < MOST_STEM + 30 for name in names)
