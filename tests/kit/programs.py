"""Random asyncio programs as plain data, for Hypothesis, and what carries them out.

A program is a script for the pattern and scripts for jobs. Each call of a job gets an index of its
own, and a script calls only scripts before it, so every program ends.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from hypothesis import strategies as st

Script = tuple["Op", ...]
Job = Callable[[int], Coroutine[Any, Any, object]]
whose: ContextVar[str] = ContextVar("whose", default="nobody")


@dataclass(frozen=True, slots=True)
class Op:
    """One thing that a script does: its name, a small number and the scripts inside of it."""

    what: str
    number: int = 0
    inner: tuple[Script, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """The pattern's script, the jobs' scripts, and how asyncio is set.

    `eager` starts tasks eagerly (Python 3.12+). A `tidy` program sees all of its tasks through to
    their ends; otherwise asyncio cancels those left over, in an order that is not always the same.
    """

    main: Script
    jobs: tuple[Script, ...]
    tidy: bool = True
    eager: bool = False
    debug: bool = False


@dataclass(slots=True)
class Run:
    """One execution of a program: what it did, in order."""

    program: Program
    job: Job = field(init=False)
    clock: Callable[[], int] | None = None
    trace: list[tuple[Any, ...]] = field(default_factory=list)
    running: list[tuple[int, int]] = field(default_factory=list)
    outcomes: dict[int, str] = field(default_factory=dict)
    script_of: dict[int, int] = field(default_factory=dict)
    tasks: list[asyncio.Future[Any]] = field(default_factory=list)
    kept: list[Coroutine[Any, Any, object]] = field(default_factory=list)
    first_name: int = 0
    seen: WeakKeyDictionary[asyncio.Task[Any], int] = field(default_factory=WeakKeyDictionary)

    async def pattern(self, job: Job, count: int) -> object:
        """Carry out the main script with a job callable, as a pattern does."""
        self.job = job
        loop = asyncio.get_running_loop()
        self.first_name = _number(asyncio.current_task())
        loop.set_debug(self.program.debug)
        if self.program.eager:
            loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined, unused-ignore]
        try:
            return await self.follow(self.program.main, len(self.program.jobs), "main")
        finally:
            if self.program.tidy:
                await self._end_of_all_others()

    async def _end_of_all_others(self) -> None:
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in sorted(others, key=self._order):
                task.cancel("the end")
            await asyncio.wait(others)

    def _order(self, task: asyncio.Task[Any]) -> tuple[float, int]:
        return self.seen.get(task, float("inf")), _number(task)

    async def workload(self, index: int) -> object:
        """Carry out one call of a job."""
        self.outcomes[index] = "lost"
        script = self.script_of[index]
        token = whose.set(f"job {index}")
        try:
            value = await self.follow(self.program.jobs[script], script, index)
        except asyncio.CancelledError:
            self.outcomes[index] = "cancelled"
            raise
        except GeneratorExit:
            raise
        except BaseException:
            self.outcomes[index] = "failed"
            raise
        self.outcomes[index] = "ok"
        whose.reset(token)
        return value

    async def follow(self, script: Script, below: int, who: object) -> object:
        """Do what a script says; it may call the job scripts with numbers less than `below`."""
        for position, op in enumerate(script):
            self.note(who, position, op.what)
            await DOING[op.what](self, op, below, who)
        self.note(who, "end")
        return f"{who} done"

    def forget(self) -> None:
        """Drop tasks and coroutines, so that Python warns about those that it warns about."""
        self.tasks.clear()
        self.kept.clear()

    def note(self, who: object, *what: object) -> None:
        """Write down a step: who does what, in which task and which context."""
        if self.clock is not None and isinstance(who, int):
            self.running.append((who, self.clock()))
        task = asyncio.current_task()
        assert task is not None
        self.seen.setdefault(task, len(self.trace))
        number = _number(task)
        name = number - self.first_name if number else "no name"
        self.trace.append((who, *what, whose.get(), name, _name_of(task)))

    def call(self, op: Op, below: int) -> Coroutine[Any, Any, object]:
        """Return the coroutine of a new job, or of an empty script where none may be called."""
        if not below:
            return self.follow((), 0, "nobody")
        index = len(self.script_of)
        self.script_of[index] = op.number % below
        return self.job(index)


def _number(task: Any) -> int:
    """Return a task's number by its name; Python 3.13.0 calls an eager task `None`: 0."""
    name: str = task.get_name()
    return 0 if name == "None" else int(name.removeprefix("Task-"))


def _name_of(task: Any) -> str:
    return str(task.get_coro().__qualname__)


async def _sleep(run: Run, op: Op, below: int, who: object) -> None:
    await asyncio.sleep(op.number / 1000)


async def _future(run: Run, op: Op, below: int, who: object) -> None:
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    if op.number:
        loop.call_later(op.number / 1000, _wake, future)
    else:
        loop.call_soon(_wake, future)
    await future


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _fail(run: Run, op: Op, below: int, who: object) -> None:
    raise ValueError(f"{who} fails with {op.number}")


async def _cancel_self(run: Run, op: Op, below: int, who: object) -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel(f"{who} had enough")


async def _cancel(run: Run, op: Op, below: int, who: object) -> None:
    if run.tasks:
        task = run.tasks[op.number % len(run.tasks)]
        run.note(who, task.cancel(f"stop number {op.number}"))


async def _inline(run: Run, op: Op, below: int, who: object) -> None:
    await run.follow(op.inner[0], below, who)


async def _nested(run: Run, op: Op, below: int, who: object) -> None:
    task = asyncio.create_task(run.follow(op.inner[0], below, f"{who} nested"))
    run.tasks.append(task)
    if op.number:
        await task


async def _gather(run: Run, op: Op, below: int, who: object) -> None:
    parts = [run.follow(script, below, f"{who} part") for script in op.inner]
    results = await asyncio.gather(*parts, return_exceptions=bool(op.number))
    run.note(who, [repr(result) for result in results])


async def _shield(run: Run, op: Op, below: int, who: object) -> None:
    task = asyncio.create_task(run.follow(op.inner[0], below, f"{who} shielded"))
    run.tasks.append(task)
    await asyncio.shield(task)


async def _wait_for(run: Run, op: Op, below: int, who: object) -> None:
    await asyncio.wait_for(run.follow(op.inner[0], below, f"{who} hurried"), op.number / 1000)


async def _group(run: Run, op: Op, below: int, who: object) -> None:
    async with asyncio.TaskGroup() as group:
        for script in op.inner:
            run.tasks.append(group.create_task(run.follow(script, below, f"{who} member")))


async def _try(run: Run, op: Op, below: int, who: object) -> None:
    try:
        await run.follow(op.inner[0], below, who)
    except (Exception, asyncio.CancelledError) as error:
        run.note(who, type(error).__name__, str(error), repr(error.args))


async def _await_job(run: Run, op: Op, below: int, who: object) -> None:
    run.note(who, await run.call(op, below))


async def _job_task(run: Run, op: Op, below: int, who: object) -> None:
    run.tasks.append(asyncio.create_task(run.call(op, below)))


async def _await_task(run: Run, op: Op, below: int, who: object) -> None:
    task = run.tasks[op.number % len(run.tasks)] if run.tasks else None
    if task is not None and task is not asyncio.current_task() and not _waits_for_me(task):
        await task


def _waits_for_me(task: asyncio.Future[Any]) -> bool:
    """Return whether awaiting a task could wait for ever; only done ones are sure not to."""
    return not task.done()


async def _gather_jobs(run: Run, op: Op, below: int, who: object) -> None:
    jobs = [run.call(Op(op.what, each), below) for each in range(op.number + 1)]
    run.note(who, await asyncio.gather(*jobs))


async def _hurried_job(run: Run, op: Op, below: int, who: object) -> None:
    await asyncio.wait_for(run.call(op, below), op.number / 1000)


async def _job_for_later(run: Run, op: Op, below: int, who: object) -> None:
    run.kept.append(run.call(op, below))


async def _job_from_before(run: Run, op: Op, below: int, who: object) -> None:
    if run.kept:
        await run.kept.pop()


DOING: dict[str, Callable[[Run, Op, int, object], Coroutine[Any, Any, None]]] = {
    "sleep": _sleep,
    "future": _future,
    "fail": _fail,
    "cancel self": _cancel_self,
    "cancel": _cancel,
    "inline": _inline,
    "nested": _nested,
    "gather": _gather,
    "shield": _shield,
    "wait for": _wait_for,
    "group": _group,
    "try": _try,
    "await job": _await_job,
    "job task": _job_task,
    "await task": _await_task,
    "gather jobs": _gather_jobs,
    "hurried job": _hurried_job,
    "job for later": _job_for_later,
    "job from before": _job_from_before,
}
WITH_INNER = ("inline", "nested", "gather", "shield", "wait for", "group", "try")
numbers = st.integers(0, 3)
WITH_JOBS = tuple(what for what in DOING if "job" in what)
plain_ops = st.builds(
    Op, st.sampled_from([what for what in DOING if what not in WITH_INNER]), numbers
) | st.builds(Op, st.sampled_from(WITH_JOBS), numbers)


def _with_inner(ops: st.SearchStrategy[Op]) -> st.SearchStrategy[Op]:
    scripts = st.lists(st.lists(ops, max_size=3).map(tuple), min_size=1, max_size=2)
    return st.builds(Op, st.sampled_from(WITH_INNER), numbers, scripts.map(tuple))


all_ops = st.recursive(plain_ops, _with_inner, max_leaves=4)
job_scripts = st.lists(all_ops, max_size=3).map(tuple)
main_scripts = st.lists(all_ops, min_size=1, max_size=7).map(tuple)


def programs(
    *, tidy: bool = True, eager: bool = False, debug: bool = False
) -> st.SearchStrategy[Program]:
    """Return a strategy for programs."""
    jobs = st.lists(job_scripts, min_size=1, max_size=3).map(tuple)
    settings = [st.just(each) for each in (tidy, eager, debug)]
    return st.builds(Program, main_scripts, jobs, *settings)
