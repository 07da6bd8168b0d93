"""Nothing of the recorder calls what can block a loop, whatever the program does."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from core.jobs import JobKind
from tests.kit.needs import imported
from tests.kit.programs import Program, Run, programs
from tests.kit.quiet import quiet
from tests.kit.virtual import Ran, pattern_of, run_here, run_virtually

blockbuster_ctx = imported("blockbuster").blockbuster_ctx
EAGER = pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")


def assert_nothing_blocks(run: Run, execute: Callable[[], Ran]) -> None:
    """Carry out a program where what can block raises in a loop, and check that nothing did."""
    with quiet(run.forget), blockbuster_ctx():
        ran = execute()
    assert ran.recorder.failure is None
    assert "BlockingError" not in repr((run.trace, ran.returned))


@given(programs())
def test_no_program_makes_the_recorder_block(program: Program) -> None:
    run = Run(program)
    assert_nothing_blocks(run, lambda: run_virtually(run.pattern, run.workload, 1))


@given(programs(tidy=False))
def test_nor_do_tasks_that_a_pattern_leaves_behind(program: Program) -> None:
    run = Run(program)
    assert_nothing_blocks(run, lambda: run_virtually(run.pattern, run.workload, 1))


@EAGER
@given(programs(eager=True))
def test_nor_do_eager_tasks(program: Program) -> None:
    run = Run(program)
    assert_nothing_blocks(run, lambda: run_virtually(run.pattern, run.workload, 1))


def test_nor_do_threads_timers_and_functions_that_nobody_has_seen_before() -> None:
    names: dict[str, Any] = {"asyncio": asyncio}
    source = "async def unseen(index):\n    await asyncio.sleep(0.001)\n    return index"
    exec(compile(source, "/nowhere/unseen.py", "exec"), names)  # noqa: S102

    async def job(index: int) -> Any:
        await asyncio.to_thread(int)
        async with asyncio.timeout(10):
            return await names["unseen"](index)

    async def pattern(job: Callable[[int], Any], count: int) -> list[Any]:
        return await asyncio.gather(*(asyncio.create_task(job(index)) for index in range(count)))

    with blockbuster_ctx():
        ran = run_here(pattern_of(pattern), job, 3)
    assert ran.returned.value == [0, 1, 2]
    assert ran.recorder.failure is None
    timeline = ran.timeline
    assert "/nowhere/unseen.py:2" in {timeline.site_name(int(each)) for each in timeline.spans.site}


def test_a_program_that_blocks_is_caught_by_the_means_used_here() -> None:
    async def pattern(job: Callable[[int], Any], count: int) -> None:
        os.stat(Path.cwd().root)  # noqa: PTH116

    with blockbuster_ctx():
        ran = run_here(pattern_of(pattern, JobKind.COROUTINE), str, 1)
    assert ran.returned.error is not None
    assert ran.returned.error.kind == "BlockingError"
