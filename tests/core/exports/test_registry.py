"""The formats, found through their registry."""

import subprocess
import sys
from dataclasses import replace

import pytest

from core import runfile
from core.exports import EXPORTS, file_stem
from core.jobs import OwnProgram
from core.timeline.timeline import Timeline
from tests.kit.handmade import timeline
from tests.kit.sleeping import run_sleeping

NOTHING = timeline(wall_ms=0)


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("several", [False, True])
def test_every_format_takes_one_run_or_several(name: str, *, several: bool) -> None:
    timelines = [run_sleeping("gather", 2).timeline for _ in range(2 if several else 1)]
    assert EXPORTS[name].make(timelines)


@pytest.mark.parametrize("name", EXPORTS)
def test_every_format_takes_a_run_without_jobs(name: str) -> None:
    assert EXPORTS[name].make([NOTHING])


def test_no_two_formats_end_alike() -> None:
    assert len({export.suffix for export in EXPORTS.values()}) == len(EXPORTS)


def test_a_file_is_called_after_its_patterns() -> None:
    timelines: list[Timeline] = [
        timeline(wall_ms=1, pattern=name) for name in ("gather", "sequential")
    ]
    assert file_stem(timelines) == "gather-sequential"


@pytest.mark.parametrize(
    ("command", "name", "stem"),
    [
        ("C:\\Users\\길동\\My code\\fetch.py", "fetch.py", "fetch"),
        ("\\\\server\\share\\한글 1.py", "한글 1.py", "한글 1"),
        ("scripts\\fetch.py", "fetch.py", "fetch"),
        ("D:/work/fetch.py", "fetch.py", "fetch"),
        ("/home/길동/a\\b.py", "a\\b.py", "a\\b"),
        ("fetch.py", "fetch.py", "fetch"),
        ("package.module", "package.module", "package"),
        ("-c", "-c", "-c"),
    ],
)
def test_a_recording_is_called_after_its_program_on_whatever_system_it_was_made(
    command: str, name: str, stem: str
) -> None:
    run = replace(timeline(wall_ms=1), program=OwnProgram(command=(command,), loops=("asyncio",)))
    (read,) = runfile.load(EXPORTS["json"].make([run]))
    assert read.program.name == name
    assert file_stem([read]) == stem


def test_no_export_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys; from core.exports import EXPORTS; "
        "print([name for name in sys.modules if name.startswith('core.exports.')])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert ended.stdout == "[]\n"
