"""Hides from the project's own files what Windows lacks; Python imports this as it starts.

`pytest --portable` puts this folder into PYTHONPATH, so that the processes which a test starts see
the same. To files of the project `sys.platform` is `win32`, and what POSIX alone has is missing:
`os.fork`, `select.poll`, `resource`, signals that Windows does not send, sockets with a path.
Python and its packages see the system as it is, or nothing would run. A module's own `__getattr__`
answers for a name that has been taken out of it (PEP 562); it looks at who asks.

Not shown are Windows' own behaviours: Proactor loops, handles, its files and code pages.
"""

import asyncio
import builtins
import io
import multiprocessing
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = str(Path(__file__).resolve().parents[3]) + os.sep
OWN = (*(ROOT + each for each in ("core", "pages", "app.py", "tests")), "<dynamic-code>")
"""The files of the project and its tests; the last is code that is pickled for workers of Dask."""
WITHOUT = frozenset({"resource", "fcntl", "pwd", "grp", "termios", "pty", "tty"})
OF_OS = (
    "fork forkpty killpg getpgid getpgrp setsid setpgid waitid pipe2 sysconf uname geteuid getuid"
)
OF_SIGNAL = "SIGKILL SIGSTOP SIGCONT SIGQUIT SIGALRM SIGCHLD SIGHUP SIGUSR1 SIGUSR2 setitimer"
OF_SOCKET = "AF_UNIX send_fds recv_fds MSG_DONTWAIT SOCK_SEQPACKET"
NOWHERE = "/proc/"


def is_own(depth: int) -> bool:
    """Return whether a file of the project is `depth` frames above the caller."""
    return sys._getframe(depth + 1).f_code.co_filename.startswith(OWN)


def take_away(module: ModuleType, names: str, instead: Mapping[str, object] = {}) -> None:
    """Let files of the project find names of a module missing, or something else in their place."""
    there = {name: vars(module).pop(name) for name in names.split() if name in vars(module)}
    hidden: Any = module

    def answer(name: str) -> object:
        if name in instead and (name not in there or is_own(1)):
            return instead[name]
        if name in there and not is_own(1):
            return there[name]
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    hidden.__getattr__ = answer


def importing(usual: Callable[..., ModuleType]) -> Callable[..., ModuleType]:
    """Return an import by which files of the project find no modules of POSIX."""

    def only_elsewhere(name: str, *args: Any, **named: Any) -> ModuleType:
        if name in WITHOUT and is_own(1):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return usual(name, *args, **named)

    return only_elsewhere


def without_proc(usual: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that opens or lists, to which files of the project have no `/proc`.

    An audit hook would hear of all that is opened, and of each `id`: that makes copying slow.
    """

    def only_elsewhere(*args: Any, **named: Any) -> Any:
        path = args[0] if args else None
        if isinstance(path, (str, bytes, os.PathLike)) and os.fsdecode(path).startswith(NOWHERE):
            frame = sys._getframe(1)
            while frame.f_back and "pathlib" in frame.f_code.co_filename:
                frame = frame.f_back
            if frame.f_code.co_filename.startswith(OWN):
                raise FileNotFoundError(2, "there is no /proc", path)
        return usual(*args, **named)

    return only_elsewhere


def pair_by_default_of(usual: Callable[..., Any], usual_family: int) -> Callable[..., Any]:
    """Return `socket.socketpair` that knows the family of which it makes pairs by default."""

    def pair(family: int | None = None, *args: Any, **named: Any) -> Any:
        return usual(usual_family if family is None else family, *args, **named)

    return pair


if sys.platform != "win32":
    # A module's own functions look into its dictionary, where the name of this default is missing.
    socket.socketpair = pair_by_default_of(socket.socketpair, socket.AF_UNIX)
    take_away(os, OF_OS)
    take_away(signal, OF_SIGNAL)
    take_away(select, "poll epoll")
    take_away(socket, OF_SOCKET)
    take_away(sys, "platform", {"platform": "win32"})
    take_away(subprocess, "", {"CREATE_NEW_PROCESS_GROUP": 0, "CREATE_NO_WINDOW": 0})
    take_away(asyncio, "", {"ProactorEventLoop": asyncio.SelectorEventLoop})
    builtins.__import__ = importing(builtins.__import__)
    builtins.open = io.open = without_proc(open)
    for name in ("open", "listdir", "scandir"):
        setattr(os, name, without_proc(getattr(os, name)))
    multiprocessing.set_start_method("spawn")  # the only one that Windows has
    for start_method in ("fork", "forkserver"):
        multiprocessing.context._concrete_contexts.pop(start_method)  # type: ignore[attr-defined]
