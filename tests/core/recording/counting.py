"""Counts the tasks and the calls for executors of a program, without anything of the recorder.

`python counting.py FILE (SCRIPT | -m MODULE) [ARG ...]` runs a program and writes a line of what
runs for each task and each call that the first process makes, at once, so that a program may end
as it likes. Tasks are counted in their own constructor, in a subclass that stands where asyncio and
others look for it; calls in each `submit`; trio's by an instrument.
"""

import asyncio
import os
import runpy
import sys
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

END_OF_RUN = ("shutdown_asyncgens", "shutdown_default_executor")
"""The coroutines with which `asyncio.run` ends."""
OF_RECORDER = str(Path(__file__).resolve().parents[3] / "core" / "recording")
"""Where a recording runs tasks of its own, at its end: it measures what it has cost."""
OF_PROGRAM = os.getpid()


def count_into(path: str) -> None:
    """Count what this process makes from now on."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(what: Any) -> None:
        name = getattr(what, "__qualname__", type(what).__name__)
        code = getattr(what, "cr_code", None)
        if code is not None and code.co_filename.startswith(OF_RECORDER):
            return
        if os.getpid() == OF_PROGRAM and name.rpartition(".")[2] not in END_OF_RUN:
            os.write(file, f"{name}\n".encode())

    _count_tasks(note)
    for kind in (ThreadPoolExecutor, ProcessPoolExecutor):
        _count_calls(kind, note)
    if find_spec("trio"):
        _count_trio(note)


def _count_tasks(note: Any) -> None:
    class Task(asyncio.Task):  # type: ignore[type-arg]
        __slots__ = ()

        def __init__(self, coro: Any, **options: Any) -> None:
            note(coro)
            super().__init__(coro, **options)

    asyncio.Task = asyncio.tasks.Task = Task  # type: ignore[misc]
    if sys.version_info >= (3, 12):
        made = asyncio.create_eager_task_factory(Task)
        setattr(asyncio, "eager_task_factory", made)  # noqa: B010 - not there before Python 3.12


def _count_calls(kind: type[Executor], note: Any) -> None:
    submit = kind.submit

    def counted(self: Any, fn: Any, /, *args: Any, **named: Any) -> Any:
        note(fn)
        return submit(self, fn, *args, **named)

    kind.submit = counted  # type: ignore[method-assign]


def _count_trio(note: Any) -> None:
    import trio

    class Count(trio.abc.Instrument):
        def task_spawned(self, task: Any) -> None:
            if task.parent_nursery is not None and not _is_trios_own(task):
                note(task.coro)

    def _is_trios_own(task: Any) -> bool:
        return str(task.coro.__qualname__).startswith(("Runner.", "EntryQueue.", "TrioToken."))

    init = trio._core._instrumentation.Instruments.__init__

    def with_count(self: Any, incoming: Any) -> None:
        init(self, [*incoming, Count()])

    trio._core._instrumentation.Instruments.__init__ = with_count  # type: ignore[method-assign]
    threads: Any = trio._threads
    start = threads.start_thread_soon

    def counted(fn: Any, *args: Any, **named: Any) -> None:
        note(fn)
        start(fn, *args, **named)

    threads.start_thread_soon = counted


def main() -> None:
    """Run a program and count."""
    path, *command = sys.argv[1:]
    count_into(path)
    if command[0] == "-m":
        sys.path[0] = str(Path.cwd())
        sys.argv = command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = str(Path(command[0]).resolve().parent)
        sys.argv = command
        runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    main()
