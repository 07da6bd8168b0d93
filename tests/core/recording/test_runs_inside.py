"""Loops that run inside of their own steps, as nest_asyncio and debuggers make them do."""

import textwrap
from pathlib import Path

import pytest

from core.timeline.timeline import Outcome, State
from tests.core.recording.own_programs import program_in, record, recorded, run_python

pytestmark = pytest.mark.real

RUNS_INSIDE = """
import asyncio, sys, threading, time
from asyncio import events, tasks
from contextlib import contextmanager

# the task of Python can be left aside while another one runs
asyncio.Task = tasks.Task = tasks._CTask = tasks._PyTask
current = tasks._current_tasks = getattr(tasks, "_current_tasks", {})
tasks._enter_task, tasks._leave_task = tasks._py_enter_task, tasks._py_leave_task
if hasattr(tasks, "_py_current_task"):
    tasks.current_task = asyncio.current_task = tasks._py_current_task

@contextmanager
def running(loop):
    before, thread = events._get_running_loop(), loop._thread_id
    loop._thread_id = threading.get_ident()
    events._set_running_loop(loop)
    outer = current.pop(loop, None)
    try:
        yield
    finally:
        if outer is not None:
            current[loop] = outer
        loop._thread_id = thread
        events._set_running_loop(before)

def run_inside(main):
    loop = asyncio.get_running_loop()
    task = loop.create_task(main)
    with running(loop):
        while not task.done():
            loop._run_once()
    return task.result()

async def child(n):
    await asyncio.sleep(0.01 * n)
    return n
"""
START = "\nasyncio.run(main())\n"


@pytest.mark.parametrize(
    ("source", "jobs"),
    [
        ("async def main(): print(run_inside(child(2)))", ["main", "child"]),
        (
            """
            async def middle(): return run_inside(child(1)) + run_inside(child(2))
            async def main():
                other = asyncio.create_task(child(5))
                await asyncio.sleep(0.001)
                time.sleep(0.005)
                print(run_inside(middle()), run_inside(child(0)), await other)
            """,
            ["main", "child", "middle", "child", "child", "child"],
        ),
        (
            """
            async def fails(): raise ValueError(await child(1))
            async def main():
                try: run_inside(fails())
                except ValueError as error: print(repr(error))
                await asyncio.sleep(0.001)
                sys.exit(run_inside(child(3)))
            """,
            ["main", "fails", "child"],
        ),
        (
            """
            async def main():
                done = asyncio.Event()
                def callback():
                    print(run_inside(child(1)))
                    done.set()
                asyncio.get_running_loop().call_later(0.002, callback)
                await done.wait()
            """,
            ["main", "child"],
        ),
    ],
    ids=["once", "twice and within one another", "failing", "in a callback"],
)
def test_steps_inside_of_a_step_are_recorded_and_the_step_is_interrupted(
    source: str, jobs: list[str], tmp_path: Path
) -> None:
    program = program_in(tmp_path, RUNS_INSIDE + textwrap.dedent(source) + START)
    bare = run_python(tmp_path, program)
    ran = record(tmp_path, "--out", "it", program)
    assert (ran.stdout, ran.returncode) == (bare.stdout, bare.returncode)
    assert ran.stdout or ran.returncode == 3
    timeline = recorded(tmp_path / "it")
    assert sorted(timeline.jobs.coroutine) == sorted(jobs)
    assert set(timeline.jobs.outcome) <= {Outcome.OK, Outcome.FAILED}
    spans = timeline.spans
    waits = (spans.job == 0) & (spans.state == State.WAITING)
    # what is inside takes 10 ms at least, and is no calculation of the step around it
    assert (spans.end_ns - spans.start_ns)[waits].max() >= 9_000_000


def test_steps_that_nobody_foresaw_end_the_recording_and_leave_it_readable(tmp_path: Path) -> None:
    source = """
    async def main():
        await asyncio.sleep(0.001)
        loop, task = asyncio.get_running_loop(), asyncio.create_task(child(1))
        outer = current.pop(loop)
        while not task.done():
            loop._run_once()
        current[loop] = outer
        print(await task)
    """
    program = program_in(tmp_path, RUNS_INSIDE + textwrap.dedent(source) + START)
    bare = run_python(tmp_path, program)
    ran = record(tmp_path, "--out", "it", program)
    assert (ran.stdout, ran.returncode) == (bare.stdout, bare.returncode) == ("1\n", 0)
    assert ran.stderr.startswith("loopscope: the recording ended early: ")
    assert len(recorded(tmp_path / "it").jobs)
