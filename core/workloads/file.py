"""Reading a file whole: plainly, or with aiofiles, which hands each call to a thread."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from core.jobs import JobKind, Plan
from core.text.language import lazy
from core.workloads import Workload, not_known

FILES = 8


async def file(plan: Plan, open_file: Callable[..., Any], index: int) -> str:
    async with open_file(path(plan, index), "rb") as opened:
        await opened.read()
    plan.fail_if_chosen(index)
    print(time.strftime("%X"), f"job {index + 1}")
    return f"job {index + 1}"


def file_blocking(plan: Plan, index: int) -> str:
    path(plan, index).read_bytes()
    plan.fail_if_chosen(index)
    print(time.strftime("%X"), f"job {index + 1}")
    return f"job {index + 1}"


def path(plan: Plan, index: int) -> Path:
    """Return the file that a job reads; there are `FILES` of them."""
    return Path(plan.service) / str(index % FILES)


@asynccontextmanager
async def opener(plan: Plan) -> AsyncIterator[Callable[..., Any]]:  # noqa: ARG001
    """Give what opens a file: imported before the clock starts."""
    import aiofiles  # noqa: PLC0415

    yield aiofiles.open


WORKLOAD = Workload(
    name="file",
    title=lazy("file"),
    coroutine=file,
    blocking=file_blocking,
    opens=opener,
    length=not_known,
    is_timed=False,
    needs="files",
    packages={JobKind.COROUTINE: "aiofiles"},
)
