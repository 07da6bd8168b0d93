"""Where code failed, read from what Python writes about it."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.own_code.failure import FILE, Failure, failure_of

IN_GROUP = """\
import asyncio
async def job():
    raise KeyError(3)
async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(job())
asyncio.run(main())
"""
CHAINED = "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError from error\n"
PROGRAMS = [
    ("print('well')", None),
    ("x = 1\nprint(y)", Failure(status=1, line=2, error="NameError: name 'y' is not defined")),
    ("def f(:\n    pass", Failure(status=1, line=1, error="SyntaxError: invalid syntax")),
    (IN_GROUP, Failure(status=1, line=3, error="KeyError: 3")),
    (CHAINED, Failure(status=1, line=4, error="ValueError")),
    ("import json\n\njson.loads('{')", Failure(status=1, line=3, error="")),
    ("raise ValueError('a\\nb: c')", Failure(status=1, line=1, error="ValueError: a")),
    ("import sys\nsys.exit(3)", Failure(status=3)),
    ("import os\nos._exit(7)", Failure(status=7)),
]


@pytest.mark.parametrize(("code", "expected"), PROGRAMS)
def test_a_failure_is_found_at_its_line(
    code: str, expected: Failure | None, tmp_path: Path
) -> None:
    (tmp_path / FILE).write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, FILE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    found = failure_of(done.returncode, done.stderr.splitlines())
    if expected is not None and expected.line is not None and not expected.error:
        assert found is not None
        assert (found.line, found.status) == (expected.line, 1)
        assert found.error.startswith("json.decoder.JSONDecodeError: ")
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (Failure(status=1, line=2, error="ValueError: x"), "Line 2: ValueError: x"),
        (Failure(status=1, error="SyntaxError: null"), "SyntaxError: null"),
        (Failure(status=3), "The program ended with status 3."),
        (Failure(status=-9), "The program was ended by signal 9."),
    ],
)
def test_a_failure_says_what_happened(failure: Failure, sentence: str) -> None:
    assert failure.sentence() == sentence


def test_without_a_place_only_an_error_is_told() -> None:
    said = ["SyntaxError: source code string cannot contain null bytes"]
    assert failure_of(1, said) == Failure(status=1, error=said[0])
    assert failure_of(1, ["usage: main.py [-h]"]) == Failure(status=1)
    assert failure_of(1, []) == Failure(status=1)
