"""Attaching to a program that runs: it is made to record itself for a while (Python 3.14+).

`sys.remote_exec` has the main thread of another process run a script when it comes by next. A loop
that waits for nothing but its selector comes by when something happens, which may take long. On
Linux it is interrupted for that, by ptrace(2): the wait returns early and goes on, and neither the
program nor the one that started it sees a signal, as they would of SIGSTOP.
Source: PEP 768; `EINTR` of epoll_wait(2) and signal(7).
"""

import ctypes
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

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
WITHDRAWN = """
import contextlib, os

with contextlib.suppress(OSError):
    for name in os.listdir({folder!r}):
        os.unlink(os.path.join({folder!r}, name))
    os.rmdir({folder!r})
"""
"""What a program finds that comes by too late: it takes away what it was asked with."""
POLL_S = 0.05
PATIENCE_S = 0.2
"""How long a program that is busy may take to come by before it is interrupted."""
MOST_WAIT_S = 10.0
"""How long one that is not interrupted may take, and one that records to write the end."""
PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000


class NotAttached(Exception):
    """It cannot be attached to the program, or the program does not begin to record.

    `has_been_asked` is whether the program may still come by, later.
    """

    def __init__(self, reason: str, *, has_been_asked: bool = False) -> None:
        super().__init__(reason)
        self.has_been_asked = has_been_asked


@dataclass(frozen=True, slots=True)
class _Request:
    """A folder through which this process asks another one, which may be another user's."""

    folder: Path

    @property
    def script(self) -> Path:
        """What the program runs when it comes by."""
        return self.folder / "begin.py"

    @property
    def status(self) -> Path:
        """Where it says how it goes, a line each."""
        return self.folder / "status"

    @property
    def stop(self) -> Path:
        """What is there once the recording is to end."""
        return self.folder / "stop"

    @classmethod
    def made(cls, path: Path, for_s: float) -> Self:
        """Make one for a recording into a file, for some seconds."""
        request = cls(Path(tempfile.mkdtemp(prefix="loopscope-")))
        request.folder.chmod(0o755)
        for file, mode in ((request.status, 0o666), (request.script, 0o644)):
            file.touch()
            file.chmod(mode)
        request.script.write_text(
            SCRIPT.format(
                name=NAME,
                init=str(FOLDER / "__init__.py"),
                folder=str(FOLDER),
                module=f"{NAME}.attached",
                path=str(path),
                for_s=for_s,
                status=str(request.status),
            ),
            encoding="utf-8",
        )
        return request

    def withdraw(self) -> None:
        """Let a program that comes by later do nothing; it would complain of a missing script."""
        self.stop.touch()
        withdrawn = self.folder / "withdrawn.py"
        withdrawn.write_text(WITHDRAWN.format(folder=str(self.folder)), encoding="utf-8")
        withdrawn.replace(self.script)


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
    request = _Request.made(path, for_s)
    try:
        with _interrupts_touch(request.stop):
            _ask(pid, request.script)
            _await_beginning(pid, request)
            say(f"recording process {pid} for {for_s:g} s")
            say(_told(pid, _await_end(pid, request, for_s), how_to_open(str(path))))
    except NotAttached as error:
        if error.has_been_asked:
            request.withdraw()
        else:
            shutil.rmtree(request.folder)
        raise
    except BaseException:
        shutil.rmtree(request.folder)
        raise
    shutil.rmtree(request.folder)


@contextmanager
def _interrupts_touch(stop: Path) -> Iterator[None]:
    """Let Ctrl+C ask for the end of the recording, at whatever moment it comes."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:  # as of a job that a shell has put into the background
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: stop.touch())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


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


def _await_beginning(pid: int, request: _Request) -> None:
    until_s = time.monotonic() + MOST_WAIT_S
    interrupt_s = time.monotonic() + PATIENCE_S
    for said in _statuses(pid, request.status):
        if "failed" in said:
            raise NotAttached(f"process {pid} is not recorded: {said['failed']}")
        if "began" in said:
            return
        if request.stop.exists():
            raise NotAttached(
                f"process {pid} is not recorded: it had not come by yet", has_been_asked=True
            )
        if time.monotonic() >= until_s:
            raise NotAttached(
                f"process {pid} is not recorded: it has not come by in {MOST_WAIT_S:g} s",
                has_been_asked=True,
            )
        if time.monotonic() >= interrupt_s:
            interrupt_s = until_s
            _interrupt(pid)
    raise NotAttached(f"process {pid} has ended")


def _await_end(pid: int, request: _Request, for_s: float) -> dict[str, str]:
    until_s = time.monotonic() + for_s + MOST_WAIT_S
    said: dict[str, str] = {}
    for said in _statuses(pid, request.status):
        if request.stop.exists():
            until_s = min(until_s, time.monotonic() + MOST_WAIT_S)
        if "jobs" in said or time.monotonic() >= until_s:
            break
    return said


def _told(pid: int, said: dict[str, str], opened: str) -> str:
    """Return what became of the recording."""
    if "jobs" not in said:
        what = "has not come by to end it" if _is_there(pid) else "has ended meanwhile"
        return f"process {pid} {what}; open what it did before: {opened}"
    early = f"the recording ended early: {said['ended']}; " if said.get("ended") else ""
    return f"{early}{int(said['jobs']):,} tasks and calls recorded; open them: {opened}"


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
