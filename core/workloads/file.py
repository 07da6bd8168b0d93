"""Reading a file whole: plainly, or with aiofiles, which hands each call to a thread."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from core.jobs import JobKind, Plan, time_log
from core.text.language import lazy
from core.workloads import InScript, Workload, not_known

FILES = 8
FILE_BYTES = 8 * 1024 * 1024


async def file(plan: Plan, open_file: Callable[..., Any], index: int) -> str:
    async with open_file(path(plan, index), "rb") as opened:
        await opened.read()
    if index == plan.failing:
        raise RuntimeError(f"job {index + 1} went wrong")
    time_log(f"job {index + 1}")
    return f"job {index + 1}"


def file_blocking(plan: Plan, index: int) -> str:
    path(plan, index).read_bytes()
    if index == plan.failing:
        raise RuntimeError(f"job {index + 1} went wrong")
    time_log(f"job {index + 1}")
    return f"job {index + 1}"


def path(plan: Plan, index: int) -> Path:
    """Return the file that a job reads; there are `FILES` of them."""
    return Path(plan.service) / str(index % FILES)


@asynccontextmanager
async def opener(plan: Plan) -> AsyncIterator[Callable[..., Any]]:  # noqa: ARG001
    """Give what opens a file: imported before the clock starts."""
    import aiofiles  # noqa: PLC0415

    yield aiofiles.open


IN_SCRIPT = InScript(
    given="folder",
    opening=(
        "with TemporaryDirectory() as name:",
        "folder = Path(name)",
        "write_files(folder)",
    ),
    instead={
        'open_file(path(plan, index), "rb")': f'aiofiles.open(folder / str(index % {FILES}), "rb")',
        "path(plan, index)": f"(folder / str(index % {FILES}))",
    },
    before=(
        f"""def write_files(folder):
    for number in range({FILES}):
        (folder / str(number)).write_bytes(bytes({FILE_BYTES:_}))""",
    ),
    imports=(
        "import aiofiles",
        "from pathlib import Path",
        "from tempfile import TemporaryDirectory",
    ),
)
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
    in_script=dict.fromkeys(JobKind, IN_SCRIPT),
)
