"""How the tests are run: in which order, those with a browser alone, and in the portable mode."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.kit.order import in_order

ROOT = Path(__file__).resolve().parents[1]
NOTES = """
import os
import time
from pathlib import Path

NOTES = Path(os.environ["NOTES"])

def note(text):
    with NOTES.open("a") as file:
        file.write(f"{text} {os.environ['PYTEST_XDIST_WORKER']}\\n")

def await_note(text):
    give_up_s = time.monotonic() + 20
    while text not in NOTES.read_text():
        assert time.monotonic() < give_up_s
        time.sleep(0.01)
"""
LAST = """
def test_last():
    pass  # a process begins a test once it knows the next one, or that there is none
"""
SHORT = f"""
def test_short():
    await_note("long begins")
    note("short ends")

{LAST}"""
LONG = f"""
def test_long():
    note("long begins")
    await_note("short ends")
    time.sleep(0.5)  # a browser that does not wait would begin now
    note("long ends")

{LAST}"""
BROWSER = """
import pytest

@pytest.mark.browser
def test_click():
    note("click")
"""


@dataclass(frozen=True, slots=True)
class FakeTest:
    """What the order asks of a test: its name and its markers."""

    nodeid: str
    markers: tuple[str, ...] = ()

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.markers else None


def test_what_is_fast_comes_first_and_what_needs_a_browser_last() -> None:
    shuffled = [
        FakeTest("tests/browser/test_zoom.py::test_a", ("browser",)),
        FakeTest("tests/hosting/test_places.py::test_a", ("real",)),
        FakeTest("tests/benchmarks/test_charts.py::test_painted", ("browser",)),
        FakeTest("tests/benchmarks/test_charts.py::test_built"),
        FakeTest("tests/core/test_mixed.py::test_a"),
        FakeTest("tests/pages/test_gather.py::test_a", ("real",)),
        FakeTest("tests/core/test_mixed.py::test_b", ("real",)),
        FakeTest("tests/core/text/test_table.py::test_a"),
        FakeTest("tests/test_adding.py::test_a", ("real",)),
        FakeTest("tests/test_words.py::test_a"),
    ]
    tests = cast(list[pytest.Item], shuffled)
    assert [test.nodeid.removeprefix("tests/") for test in in_order(tests)] == [
        "test_words.py::test_a",
        "core/text/test_table.py::test_a",
        "core/test_mixed.py::test_a",
        "core/test_mixed.py::test_b",
        "pages/test_gather.py::test_a",
        "test_adding.py::test_a",
        "benchmarks/test_charts.py::test_built",
        "hosting/test_places.py::test_a",
        "benchmarks/test_charts.py::test_painted",
        "browser/test_zoom.py::test_a",
    ]


def in_two_processes(
    folder: Path, files: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run files of tests with `-n 2`; return how that ended, and what the tests noted."""
    for name, text in files.items():
        path = folder / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(NOTES + text)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = browser\n")
    notes = folder / "notes"
    notes.touch()
    options = ["-n2", "--dist=loadfile", "--no-loadscope-reorder", "--import-mode=importlib"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", *options, "tests"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NOTES": str(notes)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done, notes.read_text().splitlines()


def test_a_browser_waits_for_the_other_process_and_stays_in_one(tmp_path: Path) -> None:
    files = {
        "core/test_long.py": LONG,
        "core/test_short.py": SHORT,
        "browser/test_first.py": BROWSER,
        "browser/test_second.py": BROWSER,
    }
    done, notes = in_two_processes(tmp_path, files)
    assert done.returncode == 0, done.stdout + done.stderr
    said = [line.rpartition(" ") for line in notes]
    assert [text for text, _, _ in said] == [
        "long begins",
        "short ends",
        "long ends",
        "click",
        "click",
    ]
    assert said[-1] == said[-2]


CRASHING = f"""
def test_crash():
    if "crash" not in NOTES.read_text():
        note("crash")
        os._exit(1)
    note("after the crash")

{LAST}"""


def test_a_process_that_crashed_gives_back_no_file_that_it_has_finished(tmp_path: Path) -> None:
    files = {
        "core/test_1.py": LAST,
        "core/test_2.py": LAST,
        "core/test_3.py": LAST,
        "core/test_4.py": CRASHING,
    }
    done, notes = in_two_processes(tmp_path, files)
    assert "1 failed" in done.stdout, done.stdout + done.stderr
    assert [line.rpartition(" ")[0] for line in notes] == ["crash", "after the crash"]


@pytest.mark.parametrize(
    ("test", "status"), [("tests/core/measuring/test_wire.py", 0), ("tests/no_such_test.py", 4)]
)
def test_the_portable_mode_ends_with_the_status_of_its_tests(test: str, status: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "--portable", "-q", "-p", "no:cacheprovider", test],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert ended.returncode == status, ended.stdout + ended.stderr
