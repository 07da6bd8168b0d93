"""Programs of somebody's own behave under `record` as they do without it, and leave a recording.

Each is run twice, bare and recorded. What it prints, its errors and its exit status must be the
same but for the recorder's own last line; how many tasks and calls there are is counted here by
hand.
"""

import shlex
import signal
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

import core
from core import runfile
from core.analysis.unknown import unknown
from core.jobs import OwnProgram
from core.timeline.timeline import Outcome
from tests.core.recording.own_programs import RECORDER, program_in, record, recorded, run_python
from tests.kit.needs import need_packages, posix_only


@dataclass(frozen=True, kw_only=True)
class Case:
    """A program, and what is known of it."""

    source: str
    jobs: int
    """How many tasks and calls it makes; those with which `asyncio.run` ends are not counted."""
    status: int = 0
    arguments: tuple[str, ...] = ()
    least: tuple[int, int] = (3, 11)
    marks: tuple[pytest.MarkDecorator, ...] = ()


CASES = {
    "gather": Case(
        source="""
        import asyncio
        async def fetch(n):
            await asyncio.sleep(0.01 * n)
            return n
        async def main():
            print(await asyncio.gather(*map(fetch, range(3))))
        asyncio.run(main())
        """,
        jobs=4,
    ),
    "a runner used twice": Case(
        source="""
        import asyncio
        async def one():
            return asyncio.current_task().get_name()
        with asyncio.Runner() as runner:
            print(runner.run(one()), runner.run(one()))
        """,
        jobs=2,
    ),
    "a loop by hand": Case(
        source="""
        import asyncio
        loop = asyncio.new_event_loop()
        print(type(loop).__name__, loop.run_until_complete(asyncio.sleep(0.01, "done")))
        loop.close()
        """,
        jobs=1,
    ),
    "loops in threads": Case(
        source="""
        import asyncio, threading
        threads = [threading.Thread(target=asyncio.run, args=(asyncio.sleep(0.02),)) for _ in "ab"]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """,
        jobs=2,
    ),
    "a task group that fails": Case(
        source="""
        import asyncio
        async def wrong():
            await asyncio.sleep(0.01)
            raise ValueError("wrong")
        async def main():
            async with asyncio.TaskGroup() as group:
                group.create_task(wrong(), name="the wrong one")
                group.create_task(asyncio.sleep(5))
        asyncio.run(main())
        """,
        jobs=3,
        status=1,
    ),
    "an exit status": Case(source="import sys; print('hi'); sys.exit(3)", jobs=0, status=3),
    "an exit from a task": Case(
        source="""
        import asyncio, sys
        async def main():
            await asyncio.sleep(0)
            sys.exit("enough")
        asyncio.run(main())
        """,
        jobs=1,
        status=1,
    ),
    "an exit from a task that nobody awaits": Case(
        source="""
        import asyncio, sys
        def say(loop, context):
            print(context["message"], repr(context["exception"]))
        async def leaves():
            sys.exit(7)
        async def main():
            asyncio.get_running_loop().set_exception_handler(say)
            task = asyncio.create_task(leaves())
            await asyncio.sleep(5)
        asyncio.run(main())
        """,
        jobs=2,
        status=7,
    ),
    "what a loop says of itself": Case(
        source="""
        import asyncio, inspect
        async def main():
            loop = asyncio.get_running_loop()
            print(loop)
            for name in dir(asyncio.AbstractEventLoop):
                if not name.startswith("_"):
                    method = getattr(loop, name)
                    print(name, inspect.signature(method), inspect.getdoc(method))
        asyncio.run(main())
        """,
        jobs=1,
    ),
    "an interrupt": Case(
        source="""
        import asyncio, os, signal
        async def main():
            asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGINT)
            await asyncio.sleep(5)
        asyncio.run(main())
        """,
        jobs=1,
        status=-signal.SIGINT,
        marks=(posix_only("a process that sends a signal to itself"),),
    ),
    "how it was started": Case(
        source="""
        import sys
        print(sys.argv, sys.path[0], __name__, __file__, __builtins__.__name__, __spec__)
        print(sys.modules["__main__"].__dict__ is globals(), "core" in sys.modules)
        print(sorted(name for name in globals() if name.startswith("__")))
        """,
        jobs=0,
        arguments=("--out", "x", "-m", "--sleep", "3"),
    ),
    "a package called core": Case(
        source="""
        import asyncio, core.mine
        asyncio.run(core.mine.main())
        """,
        jobs=1,
    ),
    "threads and processes": Case(
        source="""
        import asyncio, concurrent.futures, functools, multiprocessing, time
        async def main():
            loop = asyncio.get_running_loop()
            await asyncio.to_thread(time.sleep, 0.01)
            print(await loop.run_in_executor(None, functools.partial(int, "7", base=8)))
            fork = multiprocessing.get_context("spawn")
            with concurrent.futures.ProcessPoolExecutor(1, mp_context=fork) as pool:
                print(await loop.run_in_executor(pool, abs, -3), list(pool.map(abs, [-1, -2])))
        if __name__ == "__main__":
            asyncio.run(main())
        """,
        jobs=1 + 2 + 3,
    ),
    "a child process": Case(
        source="""
        import asyncio, sys
        async def main():
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "print('from the child')", stdout=asyncio.subprocess.PIPE
            )
            print((await child.communicate())[0])
        asyncio.run(main())
        """,
        jobs=1 + 1 + 3,  # asyncio connects the pipes in a task, and `communicate` gathers three
    ),
    "a fork": Case(
        source="""
        import asyncio, os, warnings
        # Python warns of a fork beside threads, and the recorder has one (docs/recording.md)
        warnings.simplefilter("ignore", DeprecationWarning)
        asyncio.run(asyncio.sleep(0))
        if os.fork() == 0:
            asyncio.run(asyncio.sleep(0.01))
            os._exit(0)
        print(os.wait()[1])
        """,
        jobs=1,
        marks=(posix_only("a fork"),),
    ),
    "what is forgotten": Case(
        source="""
        import asyncio
        async def never(): pass
        async def main():
            never()
            asyncio.get_running_loop().create_future()
            asyncio.create_task(asyncio.sleep(9), name="left over")
        asyncio.run(main())
        """,
        jobs=2,
    ),
    "eager tasks": Case(
        source="""
        import asyncio
        async def at_once(): return asyncio.current_task().get_name()
        async def later():
            inner = asyncio.create_task(at_once(), name="inner")
            await asyncio.sleep(0.01)
            return await inner
        async def main():
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
            tasks = [asyncio.create_task(each(), name=each.__name__) for each in (at_once, later)]
            print([task.done() for task in tasks], await asyncio.gather(*tasks))
        asyncio.run(main())
        """,
        jobs=4,
        least=(3, 12),
    ),
    "a copy that ends as the program does": Case(
        source="""
        import asyncio, os, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        asyncio.run(asyncio.sleep(0))
        if os.fork():
            print(os.wait()[1])
        else:
            print("copy", flush=True)
        """,
        jobs=1,
        marks=(posix_only("a fork"),),
    ),
    "what is no Python": Case(source="print('never')\nif True print(1)", jobs=0, status=1),
    "standard input and its end": Case(
        source="""
        import atexit, sys
        atexit.register(print, "at exit")
        print(sys.stdin.read())
        """,
        jobs=0,
    ),
}


@pytest.mark.real
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=case.marks) for name, case in CASES.items()]
)
def test_a_program_behaves_as_without_the_recorder(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    if sys.version_info < case.least:
        pytest.skip(f"Python {case.least[0]}.{case.least[1]} and newer")
    script = program_in(tmp_path, case.source)
    bare = run_python(tmp_path, script, *case.arguments)
    told = record(tmp_path, "--out", "it.loopscope", script, *case.arguments)
    said = [line for line in told.stderr.splitlines() if line.startswith("loopscope:")]
    others = [line for line in told.stderr.splitlines() if not line.startswith("loopscope:")]
    assert (told.returncode, told.stdout) == (bare.returncode, bare.stdout)
    assert others == bare.stderr.splitlines()
    assert bare.returncode == case.status
    assert len(said) == 1
    timeline = recorded(tmp_path / "it.loopscope")
    assert timeline.program == OwnProgram(
        command=(script, *case.arguments), loops=("asyncio",) if case.jobs else ()
    )
    assert timeline.finished
    assert len(timeline.jobs) == case.jobs


@pytest.mark.real
def test_a_module_runs_as_with_m_of_python(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    source = "import asyncio, sys; asyncio.run(asyncio.sleep(0)); print(sys.argv, __package__)"
    (tmp_path / "package/module.py").write_text(source, encoding="utf-8")
    bare = run_python(tmp_path, "-m", "package.module", "--out")
    told = record(tmp_path, "--out", "it.loopscope", "-m", "package.module", "--out")
    assert (told.returncode, told.stdout) == (0, bare.stdout)
    program = recorded(tmp_path / "it.loopscope").program
    assert program.name == "package.module"


UVLOOP = """
    import asyncio, sys
    sys.path += {path}
    import uvloop
    async def main():
        return await asyncio.to_thread(abs, -2)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(runner.run(main()))
    """


@pytest.mark.real
def test_the_file_says_of_which_loops_it_has_no_tasks(tmp_path: Path) -> None:
    need_packages("uvloop")
    told = record(tmp_path, program_in(tmp_path, UVLOOP.format(path=sys.path)))
    assert (told.returncode, told.stdout) == (0, "2\n")
    timeline = recorded(tmp_path / "program.loopscope")
    assert timeline.jobs.name == ("abs",)
    assert isinstance(timeline.program, OwnProgram)
    assert timeline.program.loops == timeline.program.unrecorded_loops == ("uvloop",)
    (said,) = unknown(timeline)
    assert said.startswith("Tasks of the event loop uvloop are not recorded")
    (read,) = runfile.load(runfile.dump([timeline]))
    assert read.program == timeline.program


UNENDED = """
    import asyncio, os, signal
    async def main():
        await asyncio.sleep(0.01)
        asyncio.create_task(asyncio.sleep(60), name="sleeper")
        await asyncio.sleep(0.8)
        {end}
    asyncio.run(main())
    """


@pytest.mark.real
@pytest.mark.parametrize("end", ["os._exit(4)", "__import__('psutil').Process().kill()"])
def test_what_a_program_did_before_it_was_ended_is_in_the_file(end: str, tmp_path: Path) -> None:
    script = program_in(tmp_path, UNENDED.format(end=end))
    bare = run_python(tmp_path, script)
    told = record(tmp_path, script)
    assert (told.returncode, told.stderr) == (bare.returncode, "")
    timeline = recorded(tmp_path / "program.loopscope")
    assert not timeline.finished
    assert [timeline.own_name(number) for number in (0, 1)] == ["Task-1", "sleeper"]
    assert timeline.jobs.outcome == (Outcome.LOST, Outcome.LOST)
    # the last block is at most a fifth of a second older than the end, on a calm machine
    assert timeline.wall_ns > 300_000_000


@pytest.mark.real
def test_a_recording_replaces_none_before_it(tmp_path: Path) -> None:
    script = program_in(tmp_path, "print('hi')")
    told = [record(tmp_path, script).stderr.split()[-1] for _ in range(2)]
    assert told == ["program.loopscope", "program-2.loopscope"]


@posix_only("a bound on the size of files, which stands for a full disk")
@pytest.mark.real
def test_a_program_goes_on_where_the_disk_is_full(tmp_path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))"
    script = program_in(tmp_path, limit + textwrap.dedent(CASES["gather"].source))
    told = record(tmp_path, script)
    assert (told.returncode, told.stdout) == (0, "[0, 1, 2]\n")
    assert told.stderr == (
        "loopscope: the recording ended early: program.loopscope: File too large\n"
    )


@pytest.mark.real
def test_a_recording_may_last_for_a_while_only(tmp_path: Path) -> None:
    source = """
        import asyncio
        async def main():
            await asyncio.sleep(1.0)
            await asyncio.create_task(asyncio.sleep(0.01), name="too late")
            print("done")
        asyncio.run(main())
        """
    told = record(tmp_path, "--for", "0.3", program_in(tmp_path, source))
    assert (told.returncode, told.stdout) == (0, "done\n")
    timeline = recorded(tmp_path / "program.loopscope")
    assert timeline.jobs.name == ("Task-1",)
    assert timeline.wall_ns < 1_000_000_000


def test_the_command_shows_a_recording_where_the_dashboard_is(tmp_path: Path) -> None:
    record(tmp_path, program_in(tmp_path, CASES["gather"].source))
    shown = run_python(tmp_path, RECORDER, "show", "program.loopscope")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "program.py" in shown.stdout
    assert "Task-1" in shown.stdout


def test_the_command_says_its_version(tmp_path: Path) -> None:
    told = run_python(tmp_path, RECORDER, "--version")
    version = ".".join(map(str, sys.version_info[:3]))
    assert told.stdout.startswith(f"loopscope {core.__version__}, Python {version}")


KEPT = """
    import asyncio, time
    async def main():
        for number in range(60):
            await asyncio.create_task(asyncio.sleep(0.02, number))
        raise ValueError("it crashed")
    asyncio.run(main())
    """


@pytest.mark.real
def test_the_command_that_opens_a_recording_can_be_copied(tmp_path: Path) -> None:
    script = program_in(tmp_path, KEPT)
    told = record(tmp_path, "--out", "one two.loopscope", script)
    command = told.stderr.rpartition("open them: ")[2]
    assert shlex.split(command) == ["python", "-m", "core", "show", "one two.loopscope"]


@pytest.mark.real
def test_of_a_program_that_crashes_the_last_seconds_are_written(tmp_path: Path) -> None:
    script = program_in(tmp_path, KEPT)
    bare = run_python(tmp_path, script)
    told = record(tmp_path, "--keep", "0.4s", "--out", "last.loopscope", script)
    *others, said = told.stderr.splitlines()
    assert (told.returncode, others) == (1, bare.stderr.splitlines())
    assert said.endswith("tasks and calls recorded; open them: python -m core show last.loopscope")
    timeline = recorded(tmp_path / "last.loopscope")
    assert timeline.finished
    assert 1 < len(timeline.jobs) < 50
    assert timeline.dropped_events > 0
    assert timeline.jobs.name[0] == "Task-1"
    assert timeline.jobs.error[0] is not None
    assert timeline.jobs.error[0].message == "it crashed"
    assert timeline.jobs.result[-1] == "59"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--slow-step", "50ms", "x.py"], "loopscope record: error: --slow-step goes with --keep"),
        (["--keep", "long", "x.py"], "argument --keep: invalid seconds value: 'long'"),
        (["missing.py"], "loopscope: can't open file 'missing.py': No such file or directory"),
        (["--out", "no/where", "program.py"], "loopscope: no/where: No such file or directory"),
        ([], "loopscope record: error: name a script, or a module after -m"),
        (["--for", "-1", "x.py"], "argument --for: invalid seconds value: '-1'"),
    ],
)
def test_what_cannot_be_recorded_is_said_in_a_line(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    program_in(tmp_path, "print('hi')")
    told = record(tmp_path, *arguments)
    assert told.returncode != 0
    assert told.stdout == ""
    assert said in told.stderr.splitlines()[-1]
    assert "Traceback" not in told.stderr
    assert not list(tmp_path.glob("*.loopscope"))
