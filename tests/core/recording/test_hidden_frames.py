"""What a program prints of tracebacks and stacks is what it would print without the recorder."""

import re
import sys
import traceback
from pathlib import Path

import pytest

from core.recording.hidden_frames import HiddenFrames
from tests.core.recording.own_programs import RECORDER, program_in, run_python
from tests.kit.needs import need_packages, posix_only

CALLBACK = """
import asyncio, sys, traceback
def fails(*_): {body}
async def main():
    loop = asyncio.get_running_loop()
    {call}
    await asyncio.sleep(0.05)
try:
    asyncio.run(main(){debug})
except SystemExit:
    traceback.print_exc()
"""
CALLS = {
    "soon": "loop.call_soon(fails)",
    "later": "loop.call_later(0.001, fails)",
    "threadsafe": "loop.call_soon_threadsafe(fails)",
    "a task's end": "asyncio.create_task(asyncio.sleep(0)).add_done_callback(fails)",
}
BODIES = {"an error": "1 / 0", "an exit": "sys.exit(3)", "an interrupt": "raise KeyboardInterrupt"}
PROGRAMS = {
    f"{body} in a callback: {call}": CALLBACK.format(body=BODIES[body], call=CALLS[call], debug="")
    for body in BODIES
    for call in CALLS
} | {
    "an executor": """
        import asyncio
        def fails(): 1 / 0
        async def main():
            await asyncio.get_running_loop().run_in_executor(None, fails)
        asyncio.run(main())
        """,
    "a pool": """
        from concurrent.futures import ThreadPoolExecutor
        def fails(): 1 / 0
        with ThreadPoolExecutor() as pool:
            pool.submit(fails).result()
        """,
    "a pool that is shut": """
        import asyncio
        from concurrent.futures import ThreadPoolExecutor
        async def main():
            pool = ThreadPoolExecutor()
            pool.shutdown()
            await asyncio.get_running_loop().run_in_executor(pool, print)
        asyncio.run(main())
        """,
    "a handler of errors": """
        import asyncio, traceback
        async def main():
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda _, it: traceback.print_exception(it["exception"]))
            loop.call_soon(lambda: 1 / 0)
            await asyncio.sleep(0.01)
        asyncio.run(main())
        """,
    "a cause, a context and a group": """
        import asyncio
        async def fails(): 1 / 0
        def later(): raise KeyboardInterrupt
        async def main():
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(fails())
                    group.create_task(asyncio.to_thread(int, "x"))
            except BaseExceptionGroup as error:
                try:
                    raise RuntimeError from error
                except RuntimeError:
                    raise KeyboardInterrupt
        asyncio.run(main())
        """,
    "refused calls": """
        import asyncio, traceback
        loop = asyncio.new_event_loop()
        loop.run_until_complete(asyncio.sleep(0))
        calls = [
            lambda: loop.call_later(None, print), lambda: loop.call_at(None, print),
            lambda: loop.call_soon(), lambda: loop.call_at(), lambda: loop.call_soon(1, x=2),
        ]
        loop.close()
        calls += [
            lambda: loop.call_soon(print), lambda: loop.call_later(1, print),
            lambda: loop.call_soon_threadsafe(print), lambda: loop.run_forever(),
        ]
        for call in calls:
            try:
                call()
            except Exception:
                traceback.print_exc()
        """,
    "no program": "def broken(:",
    "a program that cannot be": "import os\nos.execv('/no/such/python', ['python'])",
    "a process": """
        import asyncio
        from concurrent.futures import ProcessPoolExecutor
        def fails(): 1 / 0
        async def main():
            with ProcessPoolExecutor(1) as pool:
                await asyncio.get_running_loop().run_in_executor(pool, fails)
        if __name__ == "__main__":
            asyncio.run(main())
        """,
    "a stack": """
        import asyncio, logging, sys, traceback
        def deep(n):
            if n:
                deep(n - 1)
            else:
                traceback.print_stack(limit=3)
                traceback.print_stack()
                traceback.print_list(traceback.StackSummary.extract(traceback.walk_stack(None)))
                logging.error("here", stack_info=True)
        deep(3)
        """,
}
WITHOUT_LINES = re.compile(r'(python3[^"]*", line )\d+')


def printed(folder: Path, *arguments: str) -> tuple[int, str, str]:
    told = run_python(folder, *arguments)
    # the last is what debug mode says of a slow step, on a machine that has other work
    others = ("loopscope:", "Executing <")
    lines = [line for line in told.stderr.splitlines() if not line.startswith(others)]
    # of the standard library, in which the recorder is at other lines
    text = WITHOUT_LINES.sub(r"\1N", "\n".join(lines))
    return told.returncode, told.stdout, re.sub(r"0x[0-9a-f]+|when=[\d.]+", "N", text)


@pytest.mark.real
@posix_only("the same tracebacks, and programs that become others")
@pytest.mark.parametrize("name", list(PROGRAMS))
def test_what_a_program_prints_of_its_errors_is_what_it_would_print(
    name: str, tmp_path: Path
) -> None:
    script = program_in(tmp_path, PROGRAMS[name])
    bare = printed(tmp_path, script)
    assert bare[2]
    assert printed(tmp_path, RECORDER, "record", "--children", script) == bare


@pytest.mark.real
@pytest.mark.parametrize("call", [each for each in CALLS if each != "a task's end"])
def test_in_debug_mode_a_handle_says_where_the_program_made_it(call: str, tmp_path: Path) -> None:
    source = CALLBACK.format(body="1 / 0", call=CALLS[call], debug=", debug=True")
    script = program_in(tmp_path, source)
    bare, told = (
        [line for line in printed(tmp_path, *words)[2].splitlines() if "program.py" in line]
        for words in ((script,), (RECORDER, "record", script))
    )
    # A stack is ten frames deep there, so that of two frames less it begins further out.
    assert [line for line in told if "<module>" not in line] == [
        line for line in bare if "<module>" not in line
    ]


@pytest.mark.real
def test_in_debug_mode_a_task_says_where_the_program_made_it(tmp_path: Path) -> None:
    source = """
        import asyncio
        async def fails(): 1 / 0
        async def main():
            task = asyncio.create_task(fails())
            await asyncio.sleep(0.01)
        asyncio.run(main(), debug=True)
        """
    text = printed(tmp_path, RECORDER, "record", program_in(tmp_path, source))[2]
    assert "task = asyncio.create_task(fails())" in text


@pytest.mark.real
def test_on_trio_too(tmp_path: Path) -> None:
    need_packages("trio")
    source = """
        import trio
        def fails(): 1 / 0
        async def main():
            async with trio.open_nursery() as nursery:
                nursery.start_soon(trio.to_thread.run_sync, fails)
        trio.run(main)
        """
    script = program_in(tmp_path, source)
    assert printed(tmp_path, RECORDER, "record", script) == printed(tmp_path, script)


def test_frames_are_taken_out_of_an_error_and_of_those_that_go_with_it() -> None:
    def inner() -> None:
        raise ValueError

    def outer() -> None:
        try:
            inner()
        except ValueError as error:
            raise ExceptionGroup("several", [error]) from error

    with pytest.raises(ExceptionGroup) as caught:
        outer()
    error = caught.value
    error.exceptions[0].__context__ = error  # a circle, as a program may make one
    HiddenFrames().without_ours(error)
    assert [each.name for each in traceback.extract_tb(error.__traceback__)][-1] == "outer"
    HiddenFrames(sys._getframe()).without_ours(error)
    assert [each.name for each in traceback.extract_tb(error.__traceback__)] == ["outer"]
    inside = error.exceptions[0].__traceback__
    assert [each.name for each in traceback.extract_tb(inside)] == ["outer", "inner"]
    none = ValueError()
    HiddenFrames().without_ours(none)
    assert none.__traceback__ is None
