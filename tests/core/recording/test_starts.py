"""However a Python is started, it is recorded where it can be, and sees what it would see."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.recording.commands import PATHS
from core.recording.starts import VARIABLE, PythonsOnly, Starts, decoded, split, words_of
from tests.core.recording.own_programs import program_in
from tests.core.recording.test_children import (
    process_of,
    program_of,
    recorded_family,
    same_but_for_the_last_line,
)
from tests.kit.needs import posix_only

CHILD = """
import asyncio, os, sys
shells = {"_", "PWD", "SHLVL", "OLDPWD"}
print(sorted(set(os.environ) - shells), os.environ.get("PYTHONPATH"), sys.path, sys.argv)
asyncio.run(asyncio.sleep(0.001))
sys.exit(4)
"""
WAYS = {
    "shell=True": "say(subprocess.run(f'{PY} child.py a', shell=True).returncode)",
    "a shell's -c": "say(subprocess.run(['/bin/sh', '-c', f'exec {PY} child.py b']).returncode)",
    "a shell's script": "say(subprocess.run(['/bin/sh', 'start']).returncode)",
    "a script with #!": "say(subprocess.run(['./tool', '-I']).returncode)",
    "env": "say(subprocess.run(['/usr/bin/env', 'A=1', PY, 'child.py']).returncode)",
    "an executable": """
beside = os.path.join(os.path.dirname(PY), 'mine')
say(subprocess.run([beside, 'child.py'], executable=PY).returncode)
""",
    "an environment": """
say(subprocess.run(f'{PY} child.py', shell=True, env={'B': '2'}).returncode)
""",
    "a folder": "say(subprocess.run(['./tool'], cwd='.').returncode)",
    "posix_spawn below": "say(subprocess.run([PY, 'child.py'], close_fds=False).returncode)",
    "asyncio": """
async def main():
    process = await asyncio.create_subprocess_shell(f'{PY} child.py')
    say(await process.wait())
asyncio.run(main())
""",
    "popen": "say(os.popen(f'{PY} child.py').read())",
    "system": """
say(os.waitstatus_to_exitcode(os.system(f'{PY} child.py c')))
os.system('/usr/bin/env | /bin/grep -c -e LOOPSCOPE -e core/recording')
""",
    "spawnv": "say(os.spawnv(os.P_WAIT, PY, [PY, 'child.py', 'd']))",
    "spawnve": "say(os.spawnve(os.P_WAIT, PY, [PY, 'child.py'], {'B': '2'}))",
    "posix_spawn": """
pid = os.posix_spawn(PY, [PY, 'child.py'], os.environ)
say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
""",
    "fork and exec": """
pid = os.fork()
if not pid:
    os.execl(PY, PY, 'child.py', 'e')
say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
""",
}
BEGINNING = """
import asyncio, os, subprocess, sys, warnings
warnings.simplefilter("ignore")
PY = sys.executable
say = lambda what: print(what, flush=True)
"""
ENDING = """
print(sorted(os.environ))
os.system('/usr/bin/env | /usr/bin/sort')
subprocess.run('/usr/bin/env | /usr/bin/sort', shell=True)
"""


def prepared(folder: Path) -> None:
    (folder / "child.py").write_text(CHILD, encoding="utf-8")
    (folder / "start").write_text(f"# it is\n{sys.executable} child.py", encoding="utf-8")
    tool = folder / "tool"
    tool.write_text(f"#!{sys.executable}\n{CHILD}", encoding="utf-8")
    tool.chmod(0o700)


@pytest.mark.real
@posix_only("shells, forks and scripts that are programs")
@pytest.mark.parametrize("way", list(WAYS))
def test_a_python_is_recorded_whoever_starts_it(way: str, tmp_path: Path) -> None:
    prepared(tmp_path)
    script = program_in(tmp_path, BEGINNING + WAYS[way] + ENDING)
    said = same_but_for_the_last_line(tmp_path, script)
    assert ", and 1 child process;" in said
    main, (child,) = recorded_family(tmp_path)
    assert child.jobs.coroutine == ("sleep",)
    assert child.finished
    assert process_of(child)[2] == process_of(main)[1]


DEAF = """
import subprocess, sys
code = "import asyncio; asyncio.run(asyncio.sleep(0))"
for option in ("-I", "-E", "-S"):
    print(subprocess.run([sys.executable, option, "-c", code]).returncode)
print(subprocess.run(f"PYTHONPATH=there {sys.executable} -c '{code}'", shell=True).returncode)
print(subprocess.run(["/bin/echo", "python", "-I"]).returncode)
"""


@pytest.mark.real
@posix_only("a shell")
def test_pythons_that_cannot_be_told_are_counted_in_the_last_line(tmp_path: Path) -> None:
    said = same_but_for_the_last_line(tmp_path, program_in(tmp_path, DEAF))
    assert said.endswith(
        "; 4 Pythons were started with -E, -I, -S or without the PYTHONPATH of the program, and "
        "are not recorded"
    )
    assert "child process" not in said


REPLACED = """
import asyncio, os, sys
if len(sys.argv) == 1:
    asyncio.run(asyncio.sleep(0.001))
    print("becomes another", flush=True)
    {call}
asyncio.run(asyncio.sleep(0.002))
print(sys.argv, sorted(os.environ), sys.path, os.getppid() > 0)
sys.exit(5)
"""
CALLS = {
    "execv": "os.execv(sys.executable, [sys.executable, 'program.py', 'again'])",
    "execve": "os.execve(sys.executable, [sys.executable, 'program.py', 'x'], {'C': '3'})",
    "execlp": """os.environ["PATH"] = "/no/such" + os.pathsep + os.path.dirname(sys.executable)
    os.execlp(os.path.basename(sys.executable), "python", "program.py", "again")""",
    "a shell": "os.execl('/bin/sh', 'sh', '-c', f'exec {sys.executable} program.py again')",
}


@pytest.mark.real
@posix_only("where a program that becomes another one keeps its number")
@pytest.mark.parametrize("call", list(CALLS))
def test_a_program_that_becomes_another_one_says_at_its_end_where_both_are(
    call: str, tmp_path: Path
) -> None:
    script = program_in(tmp_path, REPLACED.replace("{call}", CALLS[call]))
    said = same_but_for_the_last_line(tmp_path, script)
    main, (child,) = recorded_family(tmp_path)
    # up to the moment at which it became the other one
    assert main.jobs.coroutine == ("sleep",)
    assert not main.finished
    assert child.finished
    family, pid, parent, _ = process_of(child)
    assert (family, pid, parent) == (*process_of(main)[:2], None)
    assert not program_of(child).is_child
    assert said.startswith("loopscope: recorded until the program became another one, and 1 child")
    assert said.endswith(f"python -m core show program.loopscope program.{pid}.loopscope")


FAILS = """
import os, sys
for path in ("/no/such/python", "/no/such/program"):
    for call in (
        lambda: os.execv(path, [path]),
        lambda: os.execve(path, [path], {"A": "1"}),
        lambda: os.execvp("no-such-python", ["python"]),
        lambda: os.posix_spawn(path, [path], os.environ),
        lambda: os.posix_spawnp(path, [path], {}),
        lambda: os.execv(path, 3),
        lambda: os.execve(path, [path], 3),
        lambda: os.execv(path, []),
        lambda: os.execv(3.5, [path]),
        lambda: os.execv(path),
        lambda: os.posix_spawn(path, [path]),
        lambda: os.system(3),
        lambda: os.system(),
        lambda: os.execve(path, argv=[path], env={"A": "1"}),
    ):
        try:
            call()
        except Exception as error:
            print(repr(error), error)
print(os.execv.__name__, os.execv.__doc__, os.system(command="exit 3"))
"""


@pytest.mark.real
@posix_only("what starts programs")
def test_what_cannot_be_started_is_refused_in_the_same_words(tmp_path: Path) -> None:
    said = same_but_for_the_last_line(tmp_path, program_in(tmp_path, FAILS))
    assert said.startswith("loopscope: 0 tasks and calls recorded;")


KILLED = """
import asyncio, os, sys, tempfile
print(tempfile.gettempdir())
async def main():
    await asyncio.sleep(0.3)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""


@pytest.mark.real
@posix_only("SIGKILL")
def test_what_a_killed_program_leaves_in_the_temp_folder_the_next_one_removes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    killed, short = tmp_path / "killed.py", tmp_path / "short.py"
    killed.write_text(KILLED, encoding="utf-8")
    short.write_text("import os; print(os.listdir(os.environ['TMPDIR']))", encoding="utf-8")
    recorder = str(Path(__file__).resolve().parents[3] / "core" / "recording")
    monkeypatch.setenv("TMPDIR", str(temporary))

    def record(script: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, recorder, "record", "--children", script.name]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )

    assert record(killed).returncode == -9
    (left,) = temporary.iterdir()
    told = record(short)
    (own,) = eval(told.stdout)  # noqa: S307 - what the program has printed
    assert own != left.name
    assert not list(temporary.iterdir())


def told_of(env: dict[str, str], itself: bool) -> dict[str, str]:
    return {**env, VARIABLE: str(itself), PATHS: "hook"}


class Started:
    """As `subprocess.Popen`: it notes the environment that it would start something with."""

    def __init__(self, args: object, env: object = None) -> None:
        self.args = args
        self._execute_child(args, env)

    def _execute_child(self, args: object, env: object) -> None:
        self.started = args, env


@pytest.mark.parametrize(
    ("args", "is_told"),
    [
        ('"C:/Program Files/Python.exe" x.py', True),
        ("python x.py", True),
        ("cmd /c python x.py", True),
        (["C:\\python.exe".replace("\\", "/"), "x.py"], True),
        ("python -I x.py", False),
        ('"C:/Program Files/Other.exe" x.py', False),
        ([1], False),
        ([], False),
        ("", False),
        (None, False),
    ],
)
def test_on_windows_a_command_line_names_its_program_first(
    args: Any, is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf: list[None] = []
    starts = Starts(told_of, lambda: deaf.append(None))
    around = PythonsOnly(Started._execute_child, starts._environment)
    monkeypatch.setattr(Started, "_execute_child", around)
    for env in (None, {"A": "1"}):
        started: Any = Started(args, env).started
        assert started[0] == args
        if is_told:
            given: dict[str, str] = dict(os.environ) if env is None else env
            assert started[1] == {**given, VARIABLE: "False", PATHS: "hook"}
        else:
            assert started[1] == env
    assert len(deaf) == (2 if args == "python -I x.py" else 0)
    bad: Any = Started("python x.py", 3)
    assert bad.started == ("python x.py", 3)


def test_words_and_environments_are_read_as_the_system_reads_them() -> None:
    assert split('a  "b c" d') == ["a", "b c", "d"]
    assert words_of(Path("a")) == ["a"]
    assert words_of([b"a", Path("b")]) == ["a", "b"]
    assert decoded({b"A": b"1", "B": "2"}) == {"A": "1", "B": "2"}
