"""Which commands start a Python is told by their words, and by the scripts that they name."""

import os
import sys
from pathlib import Path

import pytest

from core.recording.commands import Commands, Start, commands_in, is_python

HERE = Commands(None, {"PATH": "/no/such/folder"})
PYTHON, DEAF, NO_PYTHON = Start.PYTHON, Start.DEAF, Start.NO_PYTHON


@pytest.mark.parametrize(
    ("command", "starts"),
    [
        ([sys.executable, "script.py"], PYTHON),
        (["python3", "-m", "module"], PYTHON),
        (["/usr/bin/python3.14t"], PYTHON),
        (["C:/Python.EXE", "x.py"], PYTHON),
        (["python", "-X", "dev", "-W", "error", "-Ic", "pass"], DEAF),
        (["python", "-Werror", "-S", "x.py"], DEAF),
        (["python", "-E", "x.py"], DEAF),
        (["python", "x.py", "-S"], PYTHON),
        (["python", "-c", "pass", "-E"], PYTHON),
        (["python", "-mS"], PYTHON),
        (["python", "-u", "-", "-S"], PYTHON),
        (["python", "--check-hash-based-pycs", "never", "-S"], DEAF),
        (["pythonic"], NO_PYTHON),
        (["env", "python"], PYTHON),
        (["env", "A=1", "-u", "B", "python", "-I"], DEAF),
        (["env", "-i", "python", "x.py"], DEAF),
        (["env", "PYTHONPATH=x", "python"], DEAF),
        (["env", "-S", "python", "-u"], PYTHON),
        (["timeout", "5", "python", "-I", "x.py"], DEAF),
        (["nohup", "sh", "-c", "python x.py"], PYTHON),
        (["ls", "-l"], NO_PYTHON),
        # who is not known may start what it names, and nothing is claimed of its options
        (["runner", "python", "-E"], PYTHON),
        (["docker", "run", "python:3"], NO_PYTHON),
    ],
)
def test_a_python_is_told_by_its_name_and_its_options(command: list[str], starts: Start) -> None:
    assert HERE.starts(command[0], command[1:]) is starts


@pytest.mark.parametrize(
    ("line", "starts"),
    [
        ("python x.py", PYTHON),
        ("python -I x.py", DEAF),
        ("cd a && A=1 exec python -u x.py > out 2>&1", PYTHON),
        ("python x.py>out", PYTHON),
        ("python -c 'import a; b(\"c\")'", PYTHON),
        ("if true; then python3.11 -S x; fi", DEAF),
        ("python -I x.py; python y.py", PYTHON),
        ("(python x.py | cat) &", PYTHON),
        ("PYTHONPATH=src python x.py", DEAF),
        ("PYTHONPATH=src:$PYTHONPATH python x.py", PYTHON),
        ("PYTHONPATH=src:${PYTHONPATH} python x.py", PYTHON),
        ("# don't\npython x.py", PYTHON),
        ("sh -c 'python x.py'", PYTHON),
        ("nohup timeout 5 python x.py &", PYTHON),
        ("echo hello; ls", NO_PYTHON),
        ("$PY x.py", NO_PYTHON),
        ('echo "unfinished', NO_PYTHON),
        ("", NO_PYTHON),
    ],
)
def test_behind_a_shell_each_command_of_the_line_is_looked_at(line: str, starts: Start) -> None:
    assert HERE.starts("/bin/sh", ["-c", line]) is starts
    assert HERE.starts("bash", ["-l", "-xc", line, "name"]) is starts


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        (f"#!{sys.executable}\nprint()\n", PYTHON),
        ("#!/usr/bin/env python3\n", PYTHON),
        ("#!/usr/bin/env -S python3 -E\n", DEAF),
        ("#! /usr/bin/python3 -Es\n", DEAF),
        ("#!/bin/sh\n'''exec' \"/a path/python\" \"$0\" \"$@\"\n' '''\n", PYTHON),
        ("#!/bin/bash\n# it starts it\nset -e\nexec python \\\n  x.py\n", PYTHON),
        ("#!/usr/bin/perl\n", NO_PYTHON),
        ("#!\n", NO_PYTHON),
        ("#!self\n", NO_PYTHON),
        ("\x7fELF python", NO_PYTHON),
        ("", NO_PYTHON),
    ],
)
def test_a_script_is_what_its_first_line_says(text: str, starts: Start, tmp_path: Path) -> None:
    (tmp_path / "tool").write_text(text, encoding="utf-8")
    by_name = Commands(None, {"PATH": os.pathsep.join(["/no/such/folder", str(tmp_path)])})
    assert by_name.starts("tool", ["-I"]) is starts
    assert by_name.starts("nohup", ["tool"]) is starts
    assert HERE.starts(str(tmp_path / "tool"), []) is starts
    assert Commands(os.fsencode(tmp_path), {}).starts("./tool", []) is starts
    assert HERE.starts("tool", []) is NO_PYTHON
    assert HERE.starts(str(tmp_path), []) is NO_PYTHON


def test_a_shell_may_be_given_a_script(tmp_path: Path) -> None:
    script = tmp_path / "run"
    script.write_text("set -e\npython x.py\n", encoding="utf-8")
    assert HERE.starts("sh", ["-e", str(script), "-I"]) is PYTHON
    assert HERE.starts("sh", []) is NO_PYTHON
    assert HERE.starts("sh", ["-c"]) is NO_PYTHON


def test_scripts_that_start_one_another_are_looked_through_so_far(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text(f"#!{other}\n", encoding="utf-8")
    other.write_text(f"#!{one}\n", encoding="utf-8")
    assert HERE.starts(str(one), []) is NO_PYTHON


def test_the_words_of_a_line_are_those_of_its_commands() -> None:
    assert list(commands_in("a 'b c' && d|e\nf")) == [["a", "b c"], ["d"], ["e"], ["f"]]
    assert is_python("/usr/bin/python3")
