"""A program that runs is recorded for a while, and is afterwards what it was."""

import os
import select
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

import core.recording.attach as of_attach
from core.jobs import OwnProgram
from core.timeline.timeline import On, Outcome, State, Timeline
from tests.core.recording.test_file_recording import recorded, states
from tests.kit.needs import need_packages, needs_sigint
from tests.kit.watching import wait_until

ROOT = Path(__file__).resolve().parents[3]
RECORDER = ROOT / "core" / "recording"
needs_remote_exec = pytest.mark.skipif(
    sys.version_info < (3, 14), reason="Python 3.14 and newer can attach"
)
pytestmark = pytest.mark.real

PROGRAM = """
import asyncio, gc, os, sys, threading
from asyncio import events
from concurrent.futures import ThreadPoolExecutor

BEFORE = events._set_running_loop, ThreadPoolExecutor.submit, asyncio.Lock.acquire
WORKS = "works" in sys.argv

async def fetch():
    await asyncio.sleep(0.005)
    await asyncio.to_thread(abs, -1)

async def work(late, timers):
    loop = asyncio.get_running_loop()
    while True:
        # what is set and made while it is recorded outlives that
        late.append(asyncio.create_task(asyncio.sleep(60), name="late"))
        timers.append(loop.call_later(60, print, "never"))
        loop.call_soon_threadsafe(timers[0].when)
        await asyncio.create_task(fetch(), name="fetches")

async def main():
    loop = asyncio.get_running_loop()
    kind, asked = type(loop), asyncio.Event()
    loop.add_reader(0, asked.set)
    idle = asyncio.create_task(asyncio.sleep(60), name="idle")
    late, timers = [], []
    works = [asyncio.create_task(work(late, timers), name="works")] if WORKS else []
    print("runs", flush=True)
    await asked.wait()
    for task in (idle, *works, *late):
        task.cancel("enough")
    ends = await asyncio.gather(idle, *works, *late, return_exceptions=True)
    print({str(end) for end in ends}, {task.cancelling() for task in (idle, *late)})
    print(type(loop) is kind, sorted(vars(loop).keys() - {"step"} - VARS))
    print({type(each).__name__ for each in loop._scheduled} <= {"TimerHandle"})
    print(all(59 < 60 + each.when() - loop.time() < 121 for each in timers))
    for timer in timers:
        timer.cancel()
    await asyncio.sleep(0.01)

def in_thread():
    asyncio.run(asyncio.sleep(60))

if WORKS:
    threading.Thread(target=in_thread, daemon=True).start()
loop = asyncio.new_event_loop()
VARS = set(vars(loop))
loop.run_until_complete(main())
loop.run_until_complete(loop.shutdown_default_executor())
loop.close()
print(BEFORE == (events._set_running_loop, ThreadPoolExecutor.submit, asyncio.Lock.acquire))
print(sorted(name for name in sys.modules if "loopscope" in name), len(gc.callbacks))
print(sorted(thread.name for thread in threading.enumerate() if "loopscope" in thread.name))
"""


ON_TRIO = """
import sys, threading, trio
from trio._core import _instrumentation, _run
from trio import _threads

BEFORE = _instrumentation.Instruments.__init__, _threads.start_thread_soon

async def work():
    while True:
        await trio.sleep(0.005)
        await trio.to_thread.run_sync(abs, -1)

async def main():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.sleep, 60, name="idle")
        nursery.start_soon(work, name="works")
        await trio.sleep(0.01)
        print("runs", flush=True)
        await trio.to_thread.run_sync(sys.stdin.readline)
        nursery.cancel_scope.cancel()
    await trio.sleep(0.01)
    print(dict(_run.GLOBAL_RUN_CONTEXT.runner.instruments))

trio.run(main)
print(BEFORE == (_instrumentation.Instruments.__init__, _threads.start_thread_soon))
print(sorted(name for name in sys.modules if "loopscope" in name))
print(sorted(thread.name for thread in threading.enumerate() if "loopscope" in thread.name))
"""


@contextmanager
def running(
    folder: Path, *arguments: str, options: tuple[str, ...] = (), source: str = PROGRAM
) -> Iterator["subprocess.Popen[str]"]:
    """Run the program, which goes on until something is on its standard input."""
    (folder / "program.py").write_text(textwrap.dedent(source), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, *options, "program.py", *arguments],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "runs\n"
            yield process
        finally:
            process.kill()


def attach(folder: Path, pid: int, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, RECORDER, "attach", str(pid), *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[str, str, int]:
    """Ask the program to end, and return what it has printed, and its status."""
    printed, errors = process.communicate("now", timeout=30)
    return printed, errors, process.returncode


def spans_of(timeline: Timeline, name: str) -> list[tuple[State, On]]:
    number = timeline.jobs.name.index(name)
    of_job = timeline.spans.on[timeline.spans.job == number]
    return list(zip(states(timeline, number), map(On, of_job.tolist()), strict=True))


@needs_remote_exec
def test_of_an_idle_program_it_is_told_at_once_what_it_waits_for(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        bare = ended(process)
    with running(tmp_path) as process:
        for name in ("attach-1.loopscope", "again.loopscope"):
            told = attach(tmp_path, process.pid, "--for", "0.3", "--out", name)
            assert (told.returncode, told.stdout) == (0, "")
            began, end = told.stderr.splitlines()
            assert began == f"loopscope: recording process {process.pid} for 0.3 s"
            assert end.startswith(
                "loopscope: 2 tasks and calls recorded; open them: python -m core"
            )
        assert ended(process) == bare
    assert bare[1:] == ("", 0)
    for name in ("attach-1.loopscope", "again.loopscope"):
        timeline = recorded(tmp_path / name)
        assert timeline.finished
        assert 0.3e9 <= timeline.wall_ns < 5e9
        assert spans_of(timeline, "idle") == [(State.WAITING, On.TIMER)]
        assert timeline.jobs.outcome == (Outcome.LOST, Outcome.LOST)
        assert set(timeline.jobs.coroutine) == {"main", "sleep"}
        assert On.EVENT in timeline.spans.on
        assert isinstance(timeline.program, OwnProgram)
        assert timeline.program.joined


@needs_sigint
@needs_remote_exec
def test_a_busy_program_with_loops_in_threads_is_afterwards_what_it_was(tmp_path: Path) -> None:
    with running(tmp_path, "works") as process:
        bare = ended(process)
    with running(tmp_path, "works") as process:
        with subprocess.Popen(
            [sys.executable, RECORDER, "attach", str(process.pid), "--for", "50"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
        ) as attaching:
            file = tmp_path / f"attach-{process.pid}.loopscope"
            wait_until(file.exists)
            wait_until(lambda: recorded(file).jobs.name.count("fetches") > 9)
            attaching.send_signal(signal.SIGINT)
            attaching.communicate(timeout=30)
        assert attaching.returncode == 0
        assert ended(process) == bare
    assert bare[1:] == ("", 0)
    timeline = recorded(file)
    names = timeline.jobs.name
    assert names.count("fetches") > 5
    assert names.count("abs") > 5
    assert names.count("late") > 5
    assert {"idle", "works"} < set(names)
    assert (State.WORKING, On.START) in spans_of(timeline, "abs")
    # the task of the loop in the thread waits, and so does that loop
    assert timeline.jobs.coroutine.count("sleep") == names.count("late") + 2


@needs_remote_exec
def test_a_run_of_trio_is_recorded_from_then_on_and_is_afterwards_what_it_was(
    tmp_path: Path,
) -> None:
    need_packages("trio")
    with running(tmp_path, source=ON_TRIO) as process:
        told = attach(tmp_path, process.pid, "--for", "0.6")
        assert told.returncode == 0, told.stderr
        output, errors, status = ended(process)
    assert (errors, status) == ("", 0)
    assert output.splitlines() == ["{'_all': {}}", "True", "[]", "[]"]
    timeline = recorded(tmp_path / f"attach-{process.pid}.loopscope")
    assert isinstance(timeline.program, OwnProgram)
    assert timeline.program.loops == ("trio",)
    idle = spans_of(timeline, "idle")
    assert idle[-1] == (State.WAITING, On.TIMER)
    assert State.RUNNING in {state for state, _ in spans_of(timeline, "works")}
    assert "abs" in timeline.jobs.name


@needs_sigint
@needs_remote_exec
def test_an_interrupt_ends_the_recording_and_not_the_program(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        attaching = subprocess.Popen(
            [sys.executable, RECORDER, "attach", str(process.pid), "--for", "50", "--out", "it"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        with attaching:
            assert attaching.stderr is not None
            assert attaching.stderr.readline().startswith("loopscope: recording process")
            while not select.select([attaching.stderr], [], [], 0.01)[0]:  # an impatient person
                attaching.send_signal(signal.SIGINT)
            (line,) = attaching.stderr.read().splitlines()
            assert line.startswith("loopscope: 2 tasks and calls recorded; open them: ")
            assert attaching.wait() == 0
        assert ended(process)[1:] == ("", 0)
    assert recorded(tmp_path / "it").finished


@needs_sigint
@needs_remote_exec
def test_an_interrupt_before_the_program_comes_by_withdraws_what_was_asked(tmp_path: Path) -> None:
    asked = tmp_path / "temporary"
    asked.mkdir()
    with running(tmp_path) as process:
        bare = ended(process)
    with running(tmp_path) as process:
        psutil.Process(process.pid).suspend()
        with subprocess.Popen(
            [sys.executable, RECORDER, "attach", str(process.pid), "--out", "it"],
            cwd=tmp_path,
            env={**os.environ, "TMPDIR": str(asked)},
            stderr=subprocess.PIPE,
            text=True,
        ) as attaching:
            assert attaching.stderr is not None
            wait_until(lambda: any(asked.glob("*/begin.py")))
            time.sleep(0.3)  # by then it has asked
            attaching.send_signal(signal.SIGINT)
            line = attaching.stderr.read()
        psutil.Process(process.pid).resume()
        assert ended(process) == bare
    what = f"process {process.pid} is not recorded"
    assert line == f"loopscope: {what}: it had not come by yet\n"
    assert not (tmp_path / "it").exists()
    assert not list(asked.iterdir())


@needs_remote_exec
def test_a_program_that_comes_by_too_late_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_attach, "MOST_WAIT_S", 0.5)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    said: list[str] = []
    with running(tmp_path) as process:
        bare = ended(process)
    with running(tmp_path) as process:
        psutil.Process(process.pid).suspend()
        with pytest.raises(of_attach.NotAttached, match=r"it has not come by in 0\.5 s"):
            of_attach.attach(process.pid, 9, str(tmp_path / "it"), said.append)
        assert not said
        psutil.Process(process.pid).resume()
        assert ended(process) == bare
    assert [each.name for each in tmp_path.iterdir()] == ["program.py"]


@needs_remote_exec
def test_of_a_program_that_stands_still_it_is_said_that_the_end_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if len(said) == 1:
            monkeypatch.setattr(of_attach, "MOST_WAIT_S", 0.5)
            wait_until(lambda: len(recorded(tmp_path / "it").jobs) == 2)
            psutil.Process(process.pid).suspend()

    with running(tmp_path) as process:
        bare = ended(process)
    with running(tmp_path) as process:
        of_attach.attach(process.pid, 1, str(tmp_path / "it"), say)
        psutil.Process(process.pid).resume()
        wait_until(lambda: recorded(tmp_path / "it").finished)
        time.sleep(0.3)  # the loop is given back in its next step
        assert ended(process) == bare
    _, end = said
    assert end.startswith(
        f"process {process.pid} has not come by to end it; open what it did before: "
    )


@needs_remote_exec
def test_of_a_program_that_is_killed_meanwhile_the_file_is_there(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        attaching = subprocess.Popen(
            [sys.executable, RECORDER, "attach", str(process.pid), "--for", "50", "--out", "it"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        with attaching:
            assert attaching.stderr is not None
            attaching.stderr.readline()
            wait_until(lambda: len(recorded(tmp_path / "it").jobs) == 2)
            process.kill()
            process.wait()
            said = attaching.stderr.read()
        start = f"loopscope: process {process.pid} has ended meanwhile; open what it did before: "
    assert said.startswith(start)
    assert not recorded(tmp_path / "it").finished


@needs_remote_exec
def test_where_it_may_not_attach_a_line_says_why(tmp_path: Path) -> None:
    def said(pid: int, *options: str) -> str:
        told = attach(tmp_path, pid, *options)
        assert (told.returncode, told.stdout) == (1, "")
        (line,) = told.stderr.splitlines()
        return line

    with running(tmp_path) as process:
        where = ("--out", "no/where")
        line = said(process.pid, *where)
        path = tmp_path / "no" / "where"
        start = f"loopscope: process {process.pid} is not recorded: "
        assert line == f"{start}{path}: No such file or directory"
        with subprocess.Popen(
            [sys.executable, RECORDER, "attach", str(process.pid), "--for", "50", "--out", "it"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        ) as attaching:
            assert attaching.stderr is not None
            attaching.stderr.readline()
            assert said(process.pid) == f"{start}it is recorded already"
            attaching.send_signal(signal.SIGINT)
            attaching.communicate(timeout=30)
        ended(process)
    assert said(process.pid) == f"loopscope: there is no process {process.pid}"
    with running(tmp_path, options=("-X", "disable-remote-debug")) as process:
        assert said(process.pid).startswith(
            f"loopscope: process {process.pid} cannot be attached to: "
        )
    with subprocess.Popen(["sleep", "60"]) as sleeping:
        assert said(sleeping.pid).startswith(
            f"loopscope: process {sleeping.pid} cannot be attached to: "
        )
        sleeping.kill()
    assert not list(tmp_path.glob("*.loopscope"))


@needs_remote_exec
def test_where_the_system_forbids_it_the_line_says_what_it_takes(tmp_path: Path) -> None:
    if sys.platform == "win32" or os.getuid() != 0:
        pytest.skip("takes root, who becomes somebody else")
    with running(tmp_path) as process:
        told = subprocess.run(
            [sys.executable, RECORDER, "attach", str(process.pid)],
            cwd="/",
            user=65534,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert told.returncode == 1
    assert told.stderr.startswith(
        f"loopscope: the system does not let you look into process {process.pid}: run this as its"
    )
    assert told.stderr.count("\n") == 1


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="of Python up to 3.13")
def test_an_older_python_says_that_it_cannot(tmp_path: Path) -> None:
    told = attach(tmp_path, os.getpid())
    version = ".".join(map(str, sys.version_info[:2]))
    assert told.returncode == 1
    assert told.stderr == (
        "loopscope: attach needs Python 3.14 or newer, here and in the program; "
        f"this is {version}\n"
    )
