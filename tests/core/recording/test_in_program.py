"""What a program calls to record itself."""

import asyncio
import inspect
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import core
from core.recording import start, stop
from core.recording.in_program import record
from core.timeline.timeline import On, State
from tests.core.recording.test_file_recording import recorded, states

ROOT = Path(__file__).resolve().parents[3]


async def double(number: int, *, plus: int = 0) -> int:
    """Return twice a number."""
    await asyncio.sleep(0.001)
    return 2 * number + plus


async def wrong() -> None:
    raise LookupError("nothing there")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["some/program.py"])
    return tmp_path


def test_a_block_is_recorded_whole(folder: Path) -> None:
    with record("run.loopscope") as block:
        assert asyncio.run(double(3)) == 6
    assert block.path == Path("run.loopscope")
    assert block.failure is None
    assert recorded(folder / "run.loopscope").jobs.result == ("6",)


def test_what_a_pool_was_given_is_waited_for_as_an_executor_however_it_is_awaited(
    folder: Path,
) -> None:
    async def main() -> None:
        of_nobody: Future[None] = Future()
        with ThreadPoolExecutor(1) as pool:
            await asyncio.wrap_future(pool.submit(time.sleep, 0.01))
            await asyncio.to_thread(time.sleep, 0.01)
            threading.Timer(0.01, of_nobody.set_result, [None]).start()
            await asyncio.wrap_future(of_nobody)

    with record("run.loopscope"):
        asyncio.run(main())
    spans = recorded(folder / "run.loopscope").spans
    of_main = (spans.job == 0) & (spans.state == State.WAITING)
    assert spans.on[of_main].tolist() == [On.EXECUTOR, On.EXECUTOR, On.FUTURE]


def test_each_call_of_a_coroutine_function_is_a_recording(folder: Path) -> None:
    recording = core.record(double)
    assert [asyncio.run(recording(1)), asyncio.run(recording(2, plus=1))] == [2, 5]
    found = [recorded(folder / name) for name in ("program.loopscope", "program-2.loopscope")]
    assert [timeline.jobs.result for timeline in found] == [("2",), ("5",)]
    # its first step is there: the recording began before the loop did
    assert all(timeline.spans.state[0] is not None for timeline in found)
    assert all(timeline.finished for timeline in found)


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (["lib/uvicorn/__main__.py", "app:app"], "uvicorn"),
        ([""], "recording"),
        ([], "recording"),
    ],
)
def test_a_recording_is_named_after_the_program(
    argv: list[str], name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", argv)
    with record() as block:
        pass
    assert block.path == Path(f"{name}.loopscope")


def test_a_recorded_coroutine_function_looks_like_itself(folder: Path) -> None:
    recording = record(double)
    assert inspect.signature(recording) == inspect.signature(double)
    assert (recording.__name__, recording.__doc__) == (double.__name__, double.__doc__)
    assert inspect.iscoroutinefunction(recording) is (sys.version_info >= (3, 12))
    running: Any = recording(1)
    assert running.__qualname__ == double.__qualname__
    assert asyncio.run(running) == 2


def test_what_is_raised_is_what_would_be_and_the_file_is_whole(folder: Path) -> None:
    with pytest.raises(LookupError, match="nothing there"):
        asyncio.run(record("it.loopscope")(wrong)())
    (error,) = recorded(folder / "it.loopscope").jobs.error
    assert error is not None
    assert error.message == "nothing there"
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        record(double)().close()  # type: ignore[call-arg]
    assert not (folder / "program.loopscope").exists()


def test_a_loop_that_runs_is_recorded_again_and_again(folder: Path) -> None:
    async def notebook() -> None:
        event = asyncio.Event()
        waiting = asyncio.create_task(event.wait(), name="waiting")
        await asyncio.sleep(0)
        for cell in ("one", "two"):
            start(f"{cell}.loopscope")
            await asyncio.create_task(asyncio.sleep(0.01), name=cell)
            assert stop() == Path(f"{cell}.loopscope")
        start("three.loopscope")
        event.set()
        assert await waiting
        stop()

    asyncio.run(notebook())
    for cell in ("one", "two"):
        timeline = recorded(folder / f"{cell}.loopscope")
        names = set(timeline.jobs.name)
        assert cell in names
        assert names & {"one", "two", "waiting"} == {cell, "waiting"}
        number = timeline.jobs.name.index("waiting")
        assert states(timeline, number) == [State.WAITING]
        assert timeline.spans.on[timeline.spans.job == number].tolist() == [On.EVENT]
        assert timeline.jobs.coroutine[number] == "Event.wait"
        assert timeline.program.loops == ("asyncio",)  # type: ignore[union-attr]
    assert "waiting" in recorded(folder / "three.loopscope").jobs.name


def test_a_second_recording_warns_and_leaves_everything_to_the_first(folder: Path) -> None:
    with record("first.loopscope"):
        with pytest.warns(RuntimeWarning, match="recorded already"), record("second") as second:
            asyncio.run(double(1))
        assert second.path is None
        asyncio.run(double(2))
    assert not (folder / "second").exists()
    assert recorded(folder / "first.loopscope").jobs.result == ("2", "4")
    assert stop() is None


PROGRAM = """
    import asyncio
    {before}
    async def fetch(n):
        await asyncio.sleep(0.001 * n)
        if n == 3:
            raise ValueError(n)
        return asyncio.current_task().get_name()
    async def main():
        async with asyncio.timeout(5):
            found = await asyncio.gather(*map(fetch, range(4)), return_exceptions=True)
        asyncio.create_task(fetch(3))
        await asyncio.sleep(0.01)
        return found
    print(asyncio.run({main}))
    """


@pytest.mark.real
@pytest.mark.parametrize("main", ["loopscope.record(main)()", "main()"])
def test_a_program_behaves_as_without_the_recorder(main: str, tmp_path: Path) -> None:
    before = "" if main.startswith("loopscope") else "loopscope.start()"
    shutil.copytree(ROOT / "core/recording", tmp_path / "loopscope")
    outputs = []
    for name, lines in {
        "bare": {"before": "", "main": "main()"},
        "told": {"before": f"import loopscope; {before}", "main": main},
    }.items():
        script = tmp_path / "program.py"
        script.write_text(textwrap.dedent(PROGRAM.format(**lines)), encoding="utf-8")
        outputs.append(
            subprocess.run(
                [sys.executable, script.name],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
        )
        assert outputs[-1].returncode == 0, name
    bare, told = outputs
    assert (told.stdout, told.stderr) == (bare.stdout, bare.stderr)
    timeline = recorded(tmp_path / "program.loopscope")
    assert timeline.finished
    assert len(timeline.jobs) == 1 + 4 + 1


SERVER = """
    import asyncio, os, signal, time
    import loopscope
    async def main():
        print(type(asyncio.get_running_loop()).__name__)
        await asyncio.sleep(0.1)
        os.kill(os.getpid(), signal.SIGUSR2)
        while not os.path.exists(f"program-{os.getpid()}.loopscope"):
            await asyncio.sleep(0.01)
    for _ in range(2):
        with asyncio.Runner(loop_factory=loopscope.new_event_loop) as runner:
            runner.run(main())
            os.rename(f"program-{os.getpid()}.loopscope", f"{_}.loopscope")
    """


@pytest.mark.real
def test_a_server_takes_its_loops_from_the_recorder(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("a system without SIGUSR2")
    shutil.copytree(ROOT / "core/recording", tmp_path / "loopscope")
    (tmp_path / "program.py").write_text(textwrap.dedent(SERVER), encoding="utf-8")
    command = [sys.executable, "program.py"]
    told = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    bare = asyncio.new_event_loop()
    bare.close()
    assert (told.returncode, told.stdout) == (0, f"{type(bare).__name__}\n" * 2)
    assert told.stderr.count("loopscope: SIGUSR2: the last seconds are in program-") == 2
    first, second = (recorded(tmp_path / f"{number}.loopscope") for number in range(2))
    assert first.jobs.name == ("Task-1",)
    assert second.jobs.name[:1] == ("Task-1",)
    assert len(second.jobs) == 2
    assert len(second.steps.lanes) == 2
