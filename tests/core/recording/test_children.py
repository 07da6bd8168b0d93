"""Child processes of a recorded program write files of their own, and behave as without."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.analysis.processes import began_ns
from core.jobs import OwnProgram
from core.recording.children import HOOK, environment
from core.recording.commands import PATHS
from core.recording.family import Family
from core.recording.starts import VARIABLE
from core.timeline.timeline import State, Timeline
from tests.core.recording.own_programs import program_in, record, recorded, run_python
from tests.kit.needs import need_packages, not_in_portable_mode, posix_only

SPAWNED = """
import asyncio, multiprocessing, sys, time
async def work(count):
    await asyncio.gather(*[asyncio.sleep(0.02) for _ in range(count)])
    print("worked", sys.argv, __name__)
def with_loop(count):
    asyncio.run(work(count))
    sys.exit(count)
def without_loop():
    print("no loop")
async def wait_for(process):
    process.start()
    await asyncio.to_thread(process.join)
    print(process.name, process.exitcode)
if __name__ == "__main__":
    context = multiprocessing.get_context("{method}")
    asyncio.run(wait_for(context.Process(target=with_loop, args=(3,))))
    asyncio.run(wait_for(context.Process(target=without_loop)))
"""
METHODS = [
    "spawn",
    pytest.param("forkserver", marks=posix_only("a server that forks")),
    pytest.param(
        "fork", marks=(posix_only("a fork"), not_in_portable_mode("forks by multiprocessing"))
    ),
]


def recorded_family(folder: Path) -> tuple[Timeline, list[Timeline]]:
    """Return what the first process has left, and its children in the order of their beginnings."""
    main = recorded(folder / "program.loopscope")
    children = [recorded(path) for path in folder.glob("program.*.loopscope")]
    began = began_ns([main, *children])[1:]
    by_time = sorted(zip(began, range(len(children)), strict=True))
    return main, [children[place] for _, place in by_time]


def same_but_for_the_last_line(folder: Path, script: str) -> str:
    """Run a program bare and with its children recorded; return what the recorder says."""
    bare = run_python(folder, "-W", "ignore::DeprecationWarning", script)
    told = run_python(
        *(folder, "-W", "ignore::DeprecationWarning"),
        *(str(Path(HOOK).parent), "record", "--children", script),
    )
    *others, said = told.stderr.splitlines()
    assert (told.returncode, told.stdout) == (bare.returncode, bare.stdout)
    assert others == bare.stderr.splitlines()
    return said


def program_of(timeline: Timeline) -> OwnProgram:
    assert isinstance(timeline.program, OwnProgram)
    return timeline.program


def process_of(timeline: Timeline) -> tuple[str, int, int | None, str]:
    process = program_of(timeline).process
    assert process is not None
    return process.family, process.pid, process.parent_pid, process.name


@pytest.mark.real
@pytest.mark.parametrize("method", METHODS)
def test_a_worker_of_multiprocessing_that_runs_a_loop_leaves_a_file(
    method: str, tmp_path: Path
) -> None:
    script = program_in(tmp_path, SPAWNED.replace("{method}", method))
    said = same_but_for_the_last_line(tmp_path, script)
    main, (child,) = recorded_family(tmp_path)
    family, pid, parent, name = process_of(main)
    assert (parent, name) == (None, "")
    kind = {"spawn": "Spawn", "forkserver": "ForkServer", "fork": "Fork"}[method]
    own_pid = process_of(child)[1]
    assert process_of(child) == (family, own_pid, pid, f"{kind}Process-1")
    assert child.finished
    assert child.jobs.coroutine == ("work", "sleep", "sleep", "sleep")
    assert said.endswith(f"python -m core show program.loopscope program.{own_pid}.loopscope")
    assert ", and 1 child process;" in said
    assert_it_worked_while_it_was_waited_for(main, child)


def assert_it_worked_while_it_was_waited_for(main: Timeline, child: Timeline) -> None:
    """On one axis a child begins after the step that starts it, and ends before its `join`."""
    at_ns, later_ns = began_ns([main, child])
    assert at_ns == 0
    waits, joins = main.jobs.coroutine.index("wait_for"), 1
    assert main.jobs.name[joins].endswith("join")
    spans = main.spans
    started_ns = spans.start_ns[(spans.job == waits) & (spans.state == State.RUNNING)].min()
    joined_ns = spans.end_ns[(spans.job == joins) & (spans.state == State.WORKING)].max()
    assert started_ns < later_ns + child.jobs.created_ns[0]
    assert later_ns + child.jobs.ended_ns.max() < joined_ns
    assert began_ns([child]) == [0]


SUBPROCESSES = """
import asyncio, os, subprocess, sys
child = '''
import asyncio, os, sys
print(sorted(os.environ), sys.path, sys.argv, "sitecustomize" in sys.modules)
print([name for name in sys.modules if name == "asyncio"])
asyncio.run(asyncio.sleep(0.01))
sys.exit(4)
'''
own = {**os.environ, "MORE": "1"}
print(subprocess.run([sys.executable, "-c", child, "--fast"]).returncode, flush=True)
print(subprocess.run([sys.executable, "-c", child], env=own).returncode, flush=True)
print(subprocess.run([sys.executable, "-I", "-c", child]).returncode, flush=True)
print(subprocess.run([sys.executable, "-c", "print('no loop')"]).returncode, flush=True)
for command in (["/no/such/python"], ["no-such-program"]):
    try:
        subprocess.run(command)
    except OSError as error:
        print(repr(error))
async def main():
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", child)
    print(await process.wait(), sorted(os.environ), sys.path)
asyncio.run(main())
"""


@pytest.mark.real
def test_a_python_that_subprocess_starts_sees_what_it_would_see_without(tmp_path: Path) -> None:
    script = program_in(tmp_path, SUBPROCESSES)
    said = same_but_for_the_last_line(tmp_path, script)
    assert ", and 3 child processes;" in said
    main, children = recorded_family(tmp_path)
    pid = process_of(main)[1]
    assert [process_of(each)[2:] for each in children] == [(pid, "")] * 3
    assert [each.jobs.coroutine for each in children] == [("sleep",)] * 3
    assert {each.program.name for each in children} == {
        f"-c (pid {process_of(each)[1]})" for each in children
    }
    assert [each.finished for each in children] == [True] * 3


USERS_OWN = """
import asyncio, os, subprocess, sys
if len(sys.argv) > 1:
    import sitecustomize
    print(sitecustomize.WORD, sitecustomize.__file__, sys.path, os.environ["PYTHONPATH"])
    asyncio.run(asyncio.sleep(0))
else:
    place = os.path.join(os.getcwd(), "own")
    os.environ["PYTHONPATH"] = place + os.pathsep + "else"
    subprocess.run([sys.executable, __file__, "child"])
"""


@pytest.mark.real
@not_in_portable_mode("it has a sitecustomize of its own")
def test_a_sitecustomize_of_the_users_own_is_found_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    own = tmp_path / "own" / "sitecustomize.py"
    own.write_text("import asyncio\nWORD = 'mine'\n", encoding="utf-8")
    script = program_in(tmp_path, USERS_OWN)
    assert ", and 1 child process;" in same_but_for_the_last_line(tmp_path, script)


GRANDCHILDREN = """
import asyncio, subprocess, sys
async def main(depth):
    await asyncio.sleep(0.001)
    if depth:
        await asyncio.to_thread(subprocess.run, [sys.executable, __file__, str(depth - 1)])
if __name__ == "__main__":
    asyncio.run(main(int((sys.argv + ["2"])[1])))
"""


@pytest.mark.real
def test_the_children_of_children_are_recorded_too(tmp_path: Path) -> None:
    script = program_in(tmp_path, GRANDCHILDREN)
    assert ", and 2 child processes;" in same_but_for_the_last_line(tmp_path, script)
    main, (child, grandchild) = recorded_family(tmp_path)
    assert process_of(child)[2] == process_of(main)[1]
    assert process_of(grandchild)[2] == process_of(child)[1]


OTHER_LOOPS = """
import subprocess, sys
trio = '''
import sys, trio
print("asyncio" in sys.modules)
async def main():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.sleep, 0.01, name="inner")
trio.run(main)
sys.exit(3)
'''
anyio = '''
import anyio
async def main():
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 0.01, name="inner")
anyio.run(main, backend="trio")
'''
nothing = "import trio, anyio; print('no loop')"
for source in (trio, anyio, nothing):
    print(subprocess.run([sys.executable, "-c", source]).returncode, flush=True)
"""
UVLOOP = """
import subprocess, sys
uvloop = '''
import asyncio, uvloop
async def main():
    print(type(asyncio.get_running_loop()))
    await asyncio.create_task(asyncio.sleep(0.01), name="inner")
uvloop.run(main())
asyncio.run(asyncio.sleep(0))
'''
print(subprocess.run([sys.executable, "-c", uvloop]).returncode, flush=True)
"""


@pytest.mark.real
def test_a_child_that_runs_nothing_but_trio_leaves_a_file_too(tmp_path: Path) -> None:
    need_packages("trio", "anyio")
    said = same_but_for_the_last_line(tmp_path, program_in(tmp_path, OTHER_LOOPS))
    assert ", and 2 child processes;" in said
    _main, children = recorded_family(tmp_path)
    assert [program_of(each).loops for each in children] == [("trio",)] * 2
    assert [set(each.jobs.name) for each in children] == [{"__main__.main", "inner"}] * 2
    assert all(each.finished for each in children)


@pytest.mark.real
def test_a_child_that_runs_uvloop_leaves_its_tasks_too(tmp_path: Path) -> None:
    need_packages("uvloop")
    said = same_but_for_the_last_line(tmp_path, program_in(tmp_path, UVLOOP))
    assert ", and 1 child process;" in said
    _main, (child,) = recorded_family(tmp_path)
    assert program_of(child).loops == ("asyncio", "uvloop")
    assert program_of(child).unrecorded_loops == ()
    assert sorted(child.jobs.coroutine) == ["run.<locals>.wrapper", "sleep", "sleep"]


KILLED = """
import asyncio, multiprocessing, os, signal, sys
async def work(pipe):
    task = asyncio.create_task(asyncio.sleep(60), name="sleeper")
    await asyncio.sleep(0.6)
    pipe.send("ready")
    await task
def worker(pipe):
    asyncio.run(work(pipe))
if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=worker, args=(there,))
    process.start()
    print(here.recv())
    process.kill()
    process.join()
    print(process.exitcode < 0 or process.exitcode)
"""


@pytest.mark.real
def test_what_a_killed_child_did_before_is_in_its_file(tmp_path: Path) -> None:
    said = same_but_for_the_last_line(tmp_path, program_in(tmp_path, KILLED))
    assert ", and 1 child process;" in said
    _main, (child,) = recorded_family(tmp_path)
    assert not child.finished
    assert "sleeper" in child.jobs.name
    assert child.wall_ns > 300_000_000


MANY = """
import asyncio, os, subprocess, sys
if len(sys.argv) > 1:
    asyncio.run(asyncio.sleep(0))
else:
    for number in range(int(os.environ["COUNT"])):
        subprocess.run([sys.executable, __file__, "child"])
"""


@pytest.mark.real
def test_no_more_files_are_written_than_the_first_process_allows(tmp_path: Path) -> None:
    script = program_in(tmp_path, f"import os; os.environ['COUNT'] = '11'{MANY}")
    said = record(tmp_path, "--children", script).stderr.splitlines()[-1]
    assert ", and 11 child processes;" in said
    assert said.count(".loopscope") == 1 + 8 + 1
    assert said.endswith("(and 3 more, program.PID.loopscope)")
    assert len(list(tmp_path.glob("program.*.loopscope"))) == 11


@pytest.mark.real
def test_a_recording_for_a_while_ends_for_the_children_too(tmp_path: Path) -> None:
    source = """
        import subprocess, sys, time
        time.sleep(0.5)
        subprocess.run([sys.executable, "-c", "import asyncio; asyncio.run(asyncio.sleep(0))"])
        """
    record(tmp_path, "--children", "--for", "0.3", program_in(tmp_path, source))
    assert [path.name for path in tmp_path.glob("*.loopscope")] == ["program.loopscope"]


@pytest.mark.real
def test_without_the_option_no_child_is_recorded(tmp_path: Path) -> None:
    said = record(tmp_path, program_in(tmp_path, GRANDCHILDREN)).stderr
    assert "child process" not in said
    assert [path.name for path in tmp_path.glob("*.loopscope")] == ["program.loopscope"]
    main = recorded(tmp_path / "program.loopscope")
    assert isinstance(main.program, OwnProgram)
    assert main.program.process is None
    assert main.program == replace(main.program, process=None)


FAMILY = Family("word", "/stem", "/claims")


def test_the_environment_of_a_child_keeps_what_was_in_it() -> None:
    given = {"A": "1", PATHS: "before"}
    made = environment(FAMILY, given)
    assert given == {"A": "1", PATHS: "before"}
    assert made["A"] == "1"
    assert made[PATHS].endswith("before")
    assert made[PATHS].startswith(HOOK)
    assert "word" in made[VARIABLE]
    assert environment(FAMILY, {})[PATHS] == HOOK
