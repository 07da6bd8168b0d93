"""Programs that run trio, or anyio on it, behave under `record` as they do without it."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.jobs import OwnProgram
from tests.core.recording.own_programs import Case, program_in, record, recorded, run_python
from tests.kit.needs import need_packages, posix_only

need_packages("trio", "anyio")


@dataclass(frozen=True, kw_only=True)
class TrioCase(Case):
    """A program, and which loops run in it."""

    loops: tuple[str, ...] = ("trio",)


CASES = {
    "a nursery": TrioCase(
        source="""
        import trio
        async def fetch(n):
            await trio.sleep(0.02 * n)
            print(n)
        async def main():
            async with trio.open_nursery() as nursery:
                for n in range(3):
                    nursery.start_soon(fetch, n, name=f"fetch {n}")
            return "done"
        print(trio.run(main))
        """,
        jobs=4,
    ),
    "two runs in turn": TrioCase(
        source="""
        from trio import run, sleep
        print(run(sleep, 0.01), run(sleep, 0.01))
        """,
        jobs=2,
    ),
    "an exception group": TrioCase(
        source="""
        import trio
        async def wrong():
            await trio.sleep(0.01)
            raise ValueError("wrong")
        async def main():
            async with trio.open_nursery() as nursery:
                nursery.start_soon(wrong)
                nursery.start_soon(trio.sleep, 5)
                await trio.sleep_forever()
        trio.run(main)
        """,
        jobs=3,
        status=1,
    ),
    "cancel scopes": TrioCase(
        source="""
        import trio
        async def cleans_up():
            try:
                await trio.sleep(5)
            finally:
                with trio.CancelScope(shield=True):
                    await trio.sleep(0.01)
                print("clean")
        async def main():
            with trio.move_on_after(0.02) as scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(cleans_up)
            print(scope.cancelled_caught)
            with trio.fail_after(0.01):
                await trio.sleep(5)
        trio.run(main)
        """,
        jobs=2,
        status=1,
    ),
    "threads": TrioCase(
        source="""
        import threading, trio
        def fails():
            print(threading.current_thread().name)
            raise ValueError("in a thread")
        def back():
            return trio.from_thread.run(trio.sleep, 0.01), trio.from_thread.run_sync(len, "abc")
        async def main():
            print(await trio.to_thread.run_sync(back))
            print(await trio.to_thread.run_sync(lambda: 7, thread_name="mine"))
            with trio.move_on_after(0.01):
                await trio.to_thread.run_sync(
                    threading.Event().wait, 0.05, abandon_on_cancel=True
                )
            await trio.to_thread.run_sync(fails)
        trio.run(main)
        """,
        jobs=5,
        status=1,
    ),
    "what is no coroutine function": TrioCase(
        source="""
        import trio
        async def main(): pass
        coroutine = main()
        try:
            trio.run(coroutine)
        finally:
            coroutine.close()
        """,
        jobs=0,
        status=1,
    ),
    "a run in a run": TrioCase(
        source="""
        import trio
        async def main():
            trio.run(main)
        trio.run(main)
        """,
        jobs=1,
        status=1,
    ),
    "an exit from a task": TrioCase(
        source="""
        import sys, trio
        async def main():
            await trio.sleep(0)
            sys.exit(5)
        trio.run(main)
        """,
        jobs=1,
        status=5,
    ),
    "an interrupt": TrioCase(
        source="""
        import os, signal, trio
        async def interrupts():
            await trio.sleep(0.02)
            os.kill(os.getpid(), signal.SIGINT)
        async def main():
            async with trio.open_nursery() as nursery:
                nursery.start_soon(interrupts)
                nursery.start_soon(trio.sleep, 5)
        try:
            trio.run(main)
        except* KeyboardInterrupt as group:
            print(repr(group))
        """,
        jobs=3,
        marks=(posix_only("a process that sends a signal to itself"),),
    ),
    "instruments of its own": TrioCase(
        source="""
        import trio
        class Counts(trio.abc.Instrument):
            steps = 0
            def after_task_step(self, task):
                self.steps += 1
                if self.steps == 6:
                    raise ValueError("an instrument fails")
        async def main():
            for _ in range(9):
                await trio.sleep(0)
            try:
                trio.lowlevel.remove_instrument(counts)
            except KeyError:
                print("removed", counts.steps)
        counts = Counts()
        trio.run(main, instruments=[counts])
        """,
        jobs=1,
    ),
    "what shows of the import": TrioCase(
        source="""
        import sys
        ours = "loopscope.once_imported"
        # ours is there for as long as it waits for other packages
        def finders(): return [each for each in sys.meta_path if type(each).__module__ != ours]
        before = finders()
        import trio
        print(before == finders())
        module = trio._core._instrumentation
        print(type(module.__loader__), sorted(vars(module.__loader__)), module.__spec__.name)
        print(trio.lowlevel.current_statistics.__module__)
        """,
        jobs=0,
        loops=(),
    ),
    "a guest of asyncio": TrioCase(
        source="""
        import asyncio, trio
        async def guest():
            await trio.sleep(0.01)
            return "guest"
        async def host():
            loop = asyncio.get_running_loop()
            done = loop.create_future()
            trio.lowlevel.start_guest_run(
                guest,
                run_sync_soon_threadsafe=loop.call_soon_threadsafe,
                done_callback=done.set_result,
            )
            print((await done).unwrap())
        asyncio.run(host())
        """,
        jobs=2,
        loops=("asyncio", "trio"),
    ),
    "in a thread of asyncio's": TrioCase(
        source="""
        import asyncio, trio
        async def inner():
            async with trio.open_nursery() as nursery:
                nursery.start_soon(trio.sleep, 0.02)
            return "inner"
        async def outer():
            ticks = asyncio.create_task(asyncio.sleep(0.03, "outer"))
            print(await asyncio.to_thread(trio.run, inner), await ticks)
        asyncio.run(outer())
        """,
        jobs=2 + 1 + 2,
        loops=("asyncio", "trio"),
    ),
    "anyio on trio": TrioCase(
        source="""
        import anyio
        def blocks(n):
            return n
        async def fetch(n, send):
            await anyio.sleep(0.01 * n)
            await send.send(await anyio.to_thread.run_sync(blocks, n))
        async def main():
            send, receive = anyio.create_memory_object_stream()
            async with anyio.create_task_group() as group, send, receive:
                for n in range(3):
                    group.start_soon(fetch, n, send)
                print(sorted([await receive.receive() for _ in range(3)]))
            with anyio.move_on_after(0.01):
                await anyio.Event().wait()
        anyio.run(main, backend="trio")
        """,
        jobs=1 + 3 + 3,
    ),
}


def without_addresses(lines: list[str]) -> list[str]:
    return [re.sub(r"0x[0-9a-f]+", "0x", line) for line in lines]


@pytest.mark.real
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=case.marks) for name, case in CASES.items()]
)
def test_a_program_behaves_as_without_the_recorder(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    script = program_in(tmp_path, case.source)
    bare = run_python(tmp_path, script)
    told = record(tmp_path, "--out", "it.loopscope", script)
    said = [line for line in told.stderr.splitlines() if line.startswith("loopscope:")]
    others = [line for line in told.stderr.splitlines() if not line.startswith("loopscope:")]
    assert (told.returncode, told.stdout) == (bare.returncode, bare.stdout)
    assert without_addresses(others) == without_addresses(bare.stderr.splitlines())
    assert bare.returncode == case.status
    assert len(said) == 1
    timeline = recorded(tmp_path / "it.loopscope")
    assert timeline.recording_failure is None
    assert timeline.finished
    assert len(timeline.jobs) == case.jobs
    assert isinstance(timeline.program, OwnProgram)
    assert timeline.program.loops == case.loops
