"""Runs of somebody's own code: recorded as they are, bounded, and brought to their end."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import (
    ChildLost,
    ResultEvicted,
    RunStopped,
    TimeLimitReached,
)
from core.measuring.turns import Capacity, Turns
from core.own_code import run as run_module
from core.own_code.errors import TooManyProcesses
from core.own_code.failure import Failure
from core.own_code.run import OwnCodeRun, order_of
from core.own_code.supervisor import Order, program_environment
from core.processes import descendants_of, lives
from core.recording.recorder import MAX_LOG_LINES
from core.spec.limits import LIMITS
from tests.kit.laws import assert_laws

pytestmark = pytest.mark.real
LIMIT_S = 60.0
ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
TASKS = """\
import asyncio
async def job(number):
    await asyncio.sleep(0.02)
    print("done", number)
async def main():
    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(job(number), name=f"job {number}")
asyncio.run(main())
"""
SLEEPS = "import asyncio\nprint('began')\nasyncio.run(asyncio.sleep(600))\n"
FORKS = "import os\nwhile True:\n    os.fork()\n"
HIDES = """\
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(1)
    os._exit(0)
time.sleep(600)
"""


def limited(monkeypatch: pytest.MonkeyPatch, **limits: object) -> None:
    monkeypatch.setattr(run_module, "LIMITS", replace(LIMITS, **limits))  # type: ignore[arg-type]


def begun(code: str) -> OwnCodeRun:
    return OwnCodeRun(code, turns=Turns(), owner="somebody")


def ended(code: str) -> OwnCodeRun:
    # Of a test before there may be a tracker of resources: one that spawned a pool leaves it.
    before = descendants_of(os.getpid())
    run = begun(code)
    assert run.ended.wait(LIMIT_S)
    assert set(descendants_of(os.getpid())) <= set(before)
    return run


def await_that(condition: Callable[[], object]) -> None:
    until_s = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_its_tasks_are_recorded_and_its_lines_have_their_times() -> None:
    run = ended(TASKS)
    assert (run.error, run.failure, run.outcome) == (None, None, "ok")
    timeline = run.timeline
    assert timeline is not None
    assert_laws(timeline)
    assert sorted(timeline.jobs.name)[1:] == ["job 0", "job 1", "job 2"]
    assert timeline.program.name == "main.py"
    assert sorted(line.text for line in timeline.log) == ["done 0", "done 1", "done 2"]
    ends = [int(timeline.jobs.ended_ns[place]) for place in range(len(timeline.jobs))]
    assert all(line.at_ns > 0 for line in timeline.log)
    assert min(line.at_ns for line in timeline.log) > min(ends) - 20_000_000
    assert run.took_s > 0


def test_an_error_points_to_its_line_and_what_was_recorded_stays() -> None:
    run = ended(TASKS + "raise ValueError('oh')\n")
    assert run.error is None
    assert run.failure == Failure(status=1, line=10, error="ValueError: oh")
    assert run.outcome == "status 1"
    assert run.timeline is not None
    assert len(run.timeline.jobs) == 4
    places = [line.text for line in run.log if "File" in line.text]
    assert places == ['  File "main.py", line 10, in <module>']


def test_what_cannot_be_compiled_says_where() -> None:
    run = ended("import asyncio\nx = (\n")
    assert run.failure == Failure(status=1, line=2, error="SyntaxError: '(' was never closed")
    assert ended("a\0b").failure is not None
    deep = ended("x = " + "(" * 300 + ")" * 300)
    assert deep.failure is not None
    assert "too many nested parentheses" in deep.failure.error


def test_letters_of_all_kinds_are_printed_as_they_are() -> None:
    run = ended("print('한국어 é 🐍', end='')\n")
    assert [line.text for line in run.log] == ["한국어 é 🐍"]


def test_lines_may_end_as_on_windows() -> None:
    line_ends = (
        "import sys\nfor each in sys.stdout, sys.stderr:\n    each.reconfigure(newline='\\r\\n')\n"
    )
    run = ended(line_ends + "print('one\\n\\ntwo\\rthree')\nassert 1 > 2\n")
    assert run.failure == Failure(status=1, line=5, error="AssertionError")
    lines, printed = [line.text for line in run.log], ["one", "", "two\rthree"]
    assert [text for text in lines if text in printed] == printed  # the traceback may come first
    assert not [text for text in lines if text.endswith("\r")]


def test_a_program_that_exits_at_once_keeps_what_was_written_before() -> None:
    run = ended("import os\nprint('before')\nos._exit(7)\n")
    assert run.failure == Failure(status=7)
    assert [line.text for line in run.log] == ["before"]


def test_an_endless_loop_ends_at_the_limit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, ideal_wall_s=1.0)
    run = ended("while True:\n    pass\n")
    assert isinstance(run.error, TimeLimitReached)
    assert run.outcome == "TimeLimitReached"


@ON_POSIX
def test_a_bomb_of_forks_ends_and_nothing_is_left_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, processes=16)
    run = ended(FORKS)
    assert isinstance(run.error, TooManyProcesses)
    assert str(run.error) == (
        "the run was ended, as it had more than 16 processes at the same time"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux brings orphans to a subreaper")
def test_what_hides_in_a_session_of_its_own_ends_with_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limited(monkeypatch, ideal_wall_s=1.0)
    assert isinstance(ended(HIDES).error, TimeLimitReached)


def test_of_megabytes_of_output_so_much_is_kept_and_the_rest_is_counted() -> None:
    run = ended("for _ in range(150_000):\n    print('y' * 50)\n")
    assert run.failure is None
    assert len(run.log) == MAX_LOG_LINES
    assert run.timeline is not None
    assert run.timeline.dropped_lines == 50_000
    long = ended("import sys\nsys.stdout.write('z' * 5_000_000)\n")
    assert len(long.log) == 1
    assert "more bytes" in long.log[0].text


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_memory_beyond_the_limit_is_refused_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, memory_mb=256, threads=1)
    run = ended("x = []\nwhile True:\n    x.append(bytearray(10_000_000))\n")
    assert run.failure == Failure(status=1, line=3, error="MemoryError")


@ON_POSIX
def test_a_file_beyond_the_limit_is_refused_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, upload_mb=1)
    run = ended("open('big', 'wb').write(bytes(3_000_000))\nopen('b', 'wb').write(b'x' * 2**21)\n")
    assert run.failure is not None
    assert "File too large" in run.failure.error


def test_it_is_stopped_at_once_and_keeps_what_it_printed() -> None:
    run = begun(SLEEPS)
    await_that(lambda: run.log)
    run.stop()
    assert run.ended.wait(LIMIT_S)
    assert isinstance(run.error, RunStopped)
    assert [line.text for line in run.log] == ["began"]
    assert run.timeline is not None
    run.stop()  # has no effect any more


def test_what_waits_for_its_turn_is_stopped_without_having_begun() -> None:
    turns = Turns(Capacity(cores=1.0, children=2, waiting=10))
    first = OwnCodeRun(SLEEPS, turns=turns, owner=1)
    second = OwnCodeRun(SLEEPS, turns=turns, owner=2)
    assert second.waiting is not None
    assert second.waiting.place == 1
    second.stop()
    assert second.ended.is_set()
    assert second.log == []
    assert second.took_s == 0
    first.stop()
    assert first.ended.wait(LIMIT_S)


def told_pid(path: Path) -> str:
    """Return code that tells its process's id in a file, for those of whom nothing may be left."""
    return (
        "import os, pathlib, signal, time\n"
        f"pathlib.Path({str(path)!r}).write_text(str(os.getpid()))\n"
    )


def assert_is_gone(path: Path) -> None:
    pid = int(path.read_text(encoding="utf-8"))
    await_that(lambda: not lives(pid))


@ON_POSIX
def test_code_that_kills_its_supervisor_is_ended_with_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    run = ended(
        told_pid(told) + "os.kill(os.getppid(), signal.SIGKILL)\nwhile True: time.sleep(9)\n"
    )
    assert isinstance(run.error, ChildLost)
    assert_is_gone(told)


@pytest.mark.skipif(sys.platform != "linux", reason="it finds the pipe in /proc")
@pytest.mark.parametrize("junk", ["no JSON\\n", '{"lines": [[1]]}\\n', "[1]\\n", "\\xff\\n"])
def test_code_that_writes_into_its_supervisors_output_is_ended(junk: str, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    code = f"open(f'/proc/{{os.getppid()}}/fd/1', 'w').write('{junk}')\n"
    run = ended(told_pid(told) + code + "time.sleep(600)\n")
    assert str(run.error) == (
        "the measuring process sent what is no recording, so it was ended; run again"
    )
    assert_is_gone(told)


def test_a_recording_that_the_code_has_damaged_is_refused() -> None:
    code = (
        "import atexit, os, sys\n"
        "from pathlib import Path\n"
        "file = Path('..', 'recording.loopscope')\n"
        "data = file.read_bytes()\n"
        "file.unlink()\n"
        "file.write_bytes(b'loopscope recording 1\\n' + b'R' * 500)\n"
    )
    run = ended(code)
    assert "recording" in str(run.error)
    assert run.timeline is None


def test_the_code_does_not_see_the_settings_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOPSCOPE_POSTGRES_DSN", "postgresql://somebody:secret@db/")
    monkeypatch.setenv("STREAMLIT_SERVER_COOKIE_SECRET", "secret")
    monkeypatch.setenv("OTHER", "seen")
    found = program_environment(order_of("", "."))
    assert "secret" not in str(found)
    assert found["OTHER"] == "seen"


def test_an_order_comes_through_as_it_was() -> None:
    order = order_of("print('\u2028\ud800\n')", ".")
    assert order.line().count(b"\n") == 1
    assert isinstance(order, Order)


def test_what_was_dropped_for_room_says_so() -> None:
    run = ended("print(1)\n")
    assert run.size_bytes > 0
    run.evict()
    assert isinstance(run.error, ResultEvicted)
    assert (run.timeline, run.log) == (None, [])


@ON_POSIX
def test_the_end_of_the_server_is_the_end_of_the_code(tmp_path: Path) -> None:
    """As by `kill -9`: the supervisor's input ends, whatever else happens."""
    import subprocess

    code = (
        "import sys, threading\n"
        "from core.measuring.turns import Turns\n"
        "from core.own_code.run import OwnCodeRun\n"
        "code = 'import os, time\\nprint(os.getpid())\\ntime.sleep(600)\\n'\n"
        "run = OwnCodeRun(code, turns=Turns(), owner=1)\n"
        "while not run.log: pass\n"
        "print(run.log[0].text, flush=True)\n"
        "threading.Event().wait()\n"
    )
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    server.kill()
    server.wait()
    server.stdout.close()
    await_that(lambda: not _lives(pid))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
