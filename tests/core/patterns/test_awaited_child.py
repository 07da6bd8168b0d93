import asyncio

import psutil
import pytest

import core
from core.patterns.awaited_child import awaited_child
from core.spec.ideal import schedule
from core.spec.run_spec import RunSpec
from core.timeline.timeline import On, State
from tests.kit.virtual import MS
from tests.kit.watching import LIMIT_S

TURNS = 100
"""In so many turns of the loop a child that has begun is waited for: asyncio takes a few."""


@pytest.mark.real
def test_all_children_run_together_while_the_loop_is_free() -> None:
    run = core.run(RunSpec(pattern="awaited_child", tasks=3, sleep_s=0.05))
    spans = run.spans
    waits = (spans.state == State.WAITING) & (spans.on == On.PROCESS)
    assert spans.job[waits].tolist() == [0, 1, 2]
    assert spans.start_ns[waits].max() < spans.end_ns[waits].min()
    assert run.results == ("job 1", "job 2", "job 3")
    assert run.wall_ns >= schedule(run.spec or RunSpec(pattern="")).wall_ns == 150 * MS


@pytest.mark.real
def test_a_cancelled_task_ends_its_child_before_it_ends_itself() -> None:
    async def job(index: int) -> int:
        return index

    async def cancel_with_two_children() -> list[int]:
        here = psutil.Process()
        before = set(here.children())  # of tests before, such as a zygote
        pattern = asyncio.create_task(awaited_child(job, 2))
        async with asyncio.timeout(LIMIT_S):
            while len(begun := set(here.children()) - before) < 2:  # noqa: ASYNC110 - of processes no event tells
                await asyncio.sleep(0)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        pattern.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pattern
        return [each.pid for each in begun if each.is_running()]

    assert asyncio.run(cancel_with_two_children()) == []
