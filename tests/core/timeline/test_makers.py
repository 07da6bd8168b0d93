"""Which job made which, and which are libraries': of real recordings, and of rows made up."""

import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import runfile
from core.errors import BadFile
from core.jobs import OwnProgram
from core.recording.events import NOBODY, WIDTH, Birth, Kind, Then
from core.recording.file_recording import FileRecording
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import Timeline
from tests.core.runfile.same import assert_same
from tests.kit.laws import assert_laws

LIBRARY = """
import asyncio
import socket


async def nap(seconds=0.0):
    await asyncio.sleep(seconds)


async def call(handler):
    await handler()


async def serve(handler):
    await asyncio.gather(asyncio.create_task(nap(), name="helper"),
                         asyncio.create_task(call(handler), name="handles"))


async def look_up():
    await asyncio.get_running_loop().run_in_executor(None, socket.gethostname)
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a module that stands where packages are installed."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "installed_library.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(folder)
    yield importlib.import_module("installed_library")
    del sys.modules["installed_library"]


@pytest.fixture
def recorded(tmp_path: Path) -> Callable[[Callable[[], Awaitable[None]]], Timeline]:
    """Return what records a coroutine function, and gives its timeline."""

    def recorded(main: Any) -> Timeline:
        path = tmp_path / "it.loopscope"
        with FileRecording(path) as recording:
            asyncio.run(main())
        assert recording.failure is None
        with path.open("rb") as file:
            (timeline,) = runfile.load_from(file)
        assert_laws(timeline)
        return timeline

    return recorded


def parents(timeline: Timeline) -> dict[str, str | None]:
    """Return the name of each job's parent by its own name; that of the first task is `main`."""
    jobs = timeline.jobs
    names = dict(zip(jobs.number.tolist(), ("main", *jobs.name[1:]), strict=True))
    return {names[n]: names.get(p) for n, p in zip(names, jobs.parent.tolist(), strict=True)}


def of_libraries(timeline: Timeline) -> set[str]:
    jobs = timeline.jobs
    return {name for name, is_one in zip(jobs.name, jobs.library.tolist(), strict=True) if is_one}


async def leaf() -> None:
    await asyncio.sleep(0.001)


async def branch(name: str) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(leaf(), name=f"{name}.1")
        group.create_task(leaf(), name=f"{name}.2")


def blocking() -> None:
    """Do nothing, in a thread."""


def test_a_job_is_made_by_the_task_in_whose_step_it_is(recorded: Any) -> None:
    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(branch("a"), name="a")
            group.create_task(branch("b"), name="b")
        await asyncio.Task(leaf(), name="by its constructor")
        await asyncio.create_task(asyncio.to_thread(blocking), name="to thread")

    assert parents(recorded(main)) == {
        "main": None,
        "a": "main",
        "b": "main",
        "a.1": "a",
        "a.2": "a",
        "b.1": "b",
        "b.2": "b",
        "by its constructor": "main",
        "to thread": "main",
        "blocking": "to thread",
    }


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
def test_eager_tasks_have_makers_too(recorded: Any) -> None:
    async def main() -> None:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined, unused-ignore]
        await branch("a")

    assert parents(recorded(main)) == {"main": None, "a.1": "main", "a.2": "main"}


def test_a_task_is_a_librarys_if_nothing_of_the_program_was_seen_in_it(
    recorded: Any, library: Any
) -> None:
    async def main() -> None:
        await library.serve(leaf)
        await asyncio.create_task(library.nap(), name="made by the program")
        await asyncio.gather(asyncio.sleep(0), leaf())
        async with asyncio.TaskGroup() as group:
            group.create_task(library.serve(leaf), name="serves")

    timeline = recorded(main)
    assert [name for name in timeline.jobs.name if name in ("helper", "handles")] == [
        *("helper", "handles"),
        *("helper", "handles"),
    ]
    assert of_libraries(timeline) == {"helper"}
    assert timeline.jobs.library.sum() == 2


def test_a_call_for_a_thread_is_a_librarys_if_a_library_hands_over_its_own(
    recorded: Any, library: Any
) -> None:
    async def main() -> None:
        await library.look_up()
        await asyncio.to_thread(library.socket.getfqdn)
        await asyncio.gather(asyncio.to_thread(blocking), asyncio.to_thread(sum, []))
        await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80)

    timeline = recorded(main)
    assert {"getfqdn", "blocking", "sum"} < set(timeline.jobs.name)
    assert of_libraries(timeline) == {"gethostname", "getaddrinfo"}


def test_code_that_is_made_of_a_string_is_the_programs(recorded: Any) -> None:
    names: dict[str, Any] = {"asyncio": asyncio}
    exec(  # noqa: S102 - as `python -c` does
        "async def child(): await asyncio.sleep(0)\n"
        "async def main(): await asyncio.create_task(child(), name='child')\n",
        names,
    )
    timeline = recorded(names["main"])
    assert parents(timeline) == {"main": None, "child": "main"}
    assert of_libraries(timeline) == set()


def made_up(*rows: tuple[int, ...]) -> Timeline:
    events = np.array(rows, dtype=np.int64).reshape(-1, WIDTH).tobytes()
    recording = Recording(python="3.11.0", events=events, started_ns=0, returned_ns=9)
    return assemble(OwnProgram(command=("it.py",)), recording)


def created(number: int, by: int, library: int = 0) -> tuple[int, ...]:
    return (Kind.CREATED, number, library, 0, 0, Birth.COROUTINE, by)


def ended(number: int) -> tuple[int, ...]:
    return (Kind.ENDED, number, 0, 0, 9, Then.OK, NOBODY)


def test_a_maker_that_was_not_there_before_is_not_known() -> None:
    jobs = made_up(
        *(created(0, NOBODY), created(1, 0), created(2, 7), created(3, 4), created(4, 4)),
        *map(ended, range(5)),
    ).jobs
    assert jobs.parent.tolist() == [NOBODY, 0, NOBODY, NOBODY, NOBODY]


def test_a_line_of_the_program_makes_a_job_its_own() -> None:
    waits = (Kind.STEP, 1, 0, 0, 1, 1 << 8 | Then.TIMER, NOBODY)
    held = (Kind.HELD, 2, 0, 1, 1, 1 << 8, NOBODY)
    unseen = (Kind.STEP, 3, 1, 1, 2, Then.TIMER, NOBODY)
    jobs = made_up(
        *(created(number, NOBODY, library=1) for number in range(4)),
        *(waits, held, unseen),
        *map(ended, range(4)),
    ).jobs
    assert jobs.library.tolist() == [1, 0, 0, 1]


def test_a_run_file_keeps_makers_and_libraries(recorded: Any, library: Any) -> None:
    async def main() -> None:
        await library.serve(leaf)

    timeline = recorded(main)
    (again,) = runfile.load(runfile.dump([timeline]))
    assert_same(again, timeline)
    assert again.jobs.parent.tolist() == [NOBODY, 0, 0]
    assert again.jobs.library.tolist() == [0, 1, 0]


def test_a_file_whose_jobs_are_made_by_later_ones_is_refused(recorded: Any) -> None:
    timeline = recorded(lambda: branch("a"))
    text = runfile.dump([timeline]).replace(b'"parent":0', b'"parent":2', 1)
    with pytest.raises(BadFile, match=r"jobs\[1\]\.parent: it is 2; it must be the id of a job"):
        runfile.load(text)


def test_an_older_file_knows_of_no_makers(recorded: Any) -> None:
    timeline = recorded(lambda: branch("a"))
    text = runfile.dump([timeline]).replace(b'"parent":0,"library":false,', b"")
    (again,) = runfile.load(text)
    assert b'"parent":null' in text
    assert again.jobs.parent.tolist() == [NOBODY] * 3
    assert again.jobs.library.tolist() == [0] * 3
