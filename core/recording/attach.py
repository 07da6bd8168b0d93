"""Attaching to a program that runs: it is made to record itself for a while (Python 3.14+).

`sys.remote_exec` has the main thread of another process run a script when it comes by next. A loop
that waits for nothing but its selector comes by when something happens, which may take long. On
Linux it is interrupted for that, by ptrace(2): the wait returns early and goes on, and neither the
program nor the one that started it sees a signal, as they would of SIGSTOP.
Source: PEP 768; `EINTR` of epoll_wait(2) and signal(7).
"""

import ctypes
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from .file_recording import unused
from .opening import how_to_open

FOLDER = Path(__file__).resolve().parent
NAME = "_loopscope_attached"
SCRIPT = """
import importlib.util, sys

def begin():
    spec = importlib.util.spec_from_file_location(
        {name!r}, {init!r}, submodule_search_locations=[{folder!r}]
    )
    sys.modules[{name!r}] = package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    importlib.import_module({module!r}).begin({path!r}, {for_s!r}, {status!r})

try:
    begin()
except Exception as error:
    with open({status!r}, "a", encoding="utf-8") as file:
        file.write(f"failed {{type(error).__name__}}: {{error}}\\n")
"""
POLL_S = 0.05
PATIENCE_S = 0.2
"""How long a program that is busy may take to come by before it is interrupted."""
MOST_WAIT_S = 10.0
"""How long one that is not interrupted may take, and one that records to write the end."""
PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000


class NotAttached(Exception):
    """It cannot be attached to the program, or the program does not begin to record."""


def attach(pid: int, for_s: float, out: str | None, say: Callable[[str], object]) -> None:
    """Record a program that runs, for some seconds; return once the file is complete.

    Args:
        pid: The number of its process.
        for_s: For how long, in seconds; an interrupt of this process ends the recording early.
        out: The file; one that is named after the process if None.
        say: Takes lines for people.

    Raises:
        NotAttached: With why not.
    """
    path = Path(out).absolute() if out else unused(f"attach-{pid}").absolute()
    with tempfile.TemporaryDirectory(prefix="loopscope-") as folder:
        # the program may be another user's, who reads and writes here
        Path(folder).chmod(0o755)
        status, script = Path(folder, "status"), Path(folder, "begin.py")
        for file, mode in ((status, 0o666), (script, 0o644)):
            file.touch()
            file.chmod(mode)
        script.write_text(
            SCRIPT.format(
                name=NAME,
                init=str(FOLDER / "__init__.py"),
                folder=str(FOLDER),
                module=f"{NAME}.attached",
                path=str(path),
                for_s=for_s,
                status=str(status),
            ),
            encoding="utf-8",
        )
        _ask(pid, script)
        _await_beginning(pid, status)
        say(f"recording process {pid} for {for_s:g} s")
        said = _await_end(pid, status, for_s)
    if said.get("ended"):
        say(f"the recording ended early: {said['ended']}")
    elif "ended" not in said:
        say(f"process {pid} has ended meanwhile; what it did before is in {path}")
    jobs = int(said.get("jobs", 0))
    say(f"{jobs:,} tasks and calls recorded; open them: {how_to_open(str(path))}")


def _ask(pid: int, script: Path) -> None:
    if sys.version_info < (3, 14):
        version = ".".join(map(str, sys.version_info[:2]))
        raise NotAttached(
            f"attach needs Python 3.14 or newer, here and in the program; this is {version}"
        )
    try:
        sys.remote_exec(pid, str(script))
    except ProcessLookupError as error:
        raise NotAttached(f"there is no process {pid}") from error
    except PermissionError as error:
        raise NotAttached(
            f"the system does not let you look into process {pid}: run this as its user or as "
            "root, with CAP_SYS_PTRACE or kernel.yama.ptrace_scope=0"
        ) from error
    except (OSError, RuntimeError) as error:
        if not _is_there(pid):
            raise NotAttached(f"there is no process {pid}") from error
        raise NotAttached(f"process {pid} cannot be attached to: {error}") from error


def _await_beginning(pid: int, status: Path) -> None:
    until_s = time.monotonic() + MOST_WAIT_S
    interrupt_s = time.monotonic() + PATIENCE_S
    for said in _statuses(pid, status):
        if "failed" in said:
            raise NotAttached(f"process {pid} is not recorded: {said['failed']}")
        if "began" in said:
            return
        if time.monotonic() >= interrupt_s:
            interrupt_s = until_s
            _interrupt(pid)
        if time.monotonic() >= until_s:
            raise NotAttached(
                f"process {pid} has not come by in {MOST_WAIT_S:g} s; it is recorded when it does"
            )
    raise NotAttached(f"process {pid} has ended")


def _await_end(pid: int, status: Path, for_s: float) -> dict[str, str]:
    until_s = time.monotonic() + for_s + MOST_WAIT_S
    said: dict[str, str] = {}
    try:
        for said in _statuses(pid, status):
            if "jobs" in said or time.monotonic() >= until_s:
                break
    except KeyboardInterrupt:
        status.with_name("stop").touch()
        return _await_end(pid, status, 0)
    return said


def _statuses(pid: int, status: Path) -> Iterator[dict[str, str]]:
    """Yield again and again what the program has said, until it ends."""
    goes_on = True
    while goes_on:
        goes_on = _is_there(pid)
        lines = status.read_text(encoding="utf-8").splitlines()
        yield {word: text for word, _, text in (line.partition(" ") for line in lines)}
        if goes_on:
            time.sleep(POLL_S)


def _is_there(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # where `os.kill` would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _interrupt(pid: int) -> None:
    """Let the main thread of a process return from a wait; it goes on with it."""
    if sys.platform != "linux":
        return
    with suppress(OSError):  # then it is waited for
        _ptrace(PTRACE_SEIZE, pid)
        try:
            _ptrace(PTRACE_INTERRUPT, pid)
            os.waitpid(pid, WALL)
        finally:
            _ptrace(PTRACE_DETACH, pid)


def _ptrace(request: int, pid: int) -> None:
    function = ctypes.CDLL(None, use_errno=True).ptrace
    function.restype = ctypes.c_long
    function.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    if function(request, pid, None, None) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
