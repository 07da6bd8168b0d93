"""The command line: what it records, what it says, and what it refuses.

That programs behave as without it is the affair of `test_programs.py`.
"""

import shlex
import sys
import textwrap
from pathlib import Path

import pytest

import core
from core import runfile
from core.analysis.unknown import unknown
from core.jobs import OwnProgram
from core.timeline.timeline import Outcome
from tests.core.recording.own_programs import RECORDER, program_in, record, recorded, run_python
from tests.kit.needs import posix_only

GATHER = """
    import asyncio
    async def fetch(n):
        await asyncio.sleep(0.01 * n)
        return n
    async def main():
        print(await asyncio.gather(*map(fetch, range(3))))
    asyncio.run(main())
    """


@pytest.mark.real
def test_what_is_no_python_is_reported_as_without_the_recorder(tmp_path: Path) -> None:
    script = program_in(tmp_path, "print('never')\nif True print(1)")
    bare = run_python(tmp_path, script)
    told = record(tmp_path, script)
    *others, said = told.stderr.splitlines()
    assert (told.returncode, told.stdout, others) == (1, "", bare.stderr.splitlines())
    assert said.startswith("loopscope: 0 tasks and calls recorded")


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


OTHER_LOOP = """
    import asyncio
    class Loop(asyncio.SelectorEventLoop):
        def call_soon(self, callback, *args, context=None):
            return super().call_soon(callback, *args, context=context)
    Loop.__module__ = "otherloop"
    async def main():
        return await asyncio.to_thread(abs, -2)
    with asyncio.Runner(loop_factory=Loop) as runner:
        print(runner.run(main()))
    """


@pytest.mark.real
def test_the_file_says_of_which_loops_it_has_no_tasks(tmp_path: Path) -> None:
    told = record(tmp_path, program_in(tmp_path, OTHER_LOOP))
    assert (told.returncode, told.stdout) == (0, "2\n")
    timeline = recorded(tmp_path / "program.loopscope")
    assert timeline.jobs.name == ("abs",)
    assert isinstance(timeline.program, OwnProgram)
    assert timeline.program.loops == timeline.program.unrecorded_loops == ("otherloop",)
    (said,) = unknown(timeline)
    assert said.startswith("Tasks of the event loop otherloop are not recorded")
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
    script = program_in(tmp_path, limit + textwrap.dedent(GATHER))
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
    record(tmp_path, program_in(tmp_path, GATHER))
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
