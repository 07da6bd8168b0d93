"""Bounds that the system sets on this process and on those that it starts, and which it has.

Linux has them all. macOS refuses to bound the address space, and an unlimited number of open files;
Windows has none of this.
Source: getrlimit(2) of Linux and of macOS, there under COMPATIBILITY; RLIMIT_AS: CPython's issue
78783 and what refers to it.
"""

import sys
from collections.abc import Sequence
from typing import Any

from core.spec.limits import LIMITS, PREFIX

if sys.platform != "win32":
    import resource
else:
    resource: Any = None

MOST_OPEN_FILES_OF_MACOS = 10_240
"""Of a process that asks for all: OPEN_MAX of macOS's sys/syslimits.h."""


def bound(kind: int, most: int | None) -> None:
    """Set a limit, as near to what is asked for as the system allows; None for all it allows.

    `kind` is one of the constants of `resource`, as RLIMIT_AS.
    """
    if sys.platform == "win32":
        return
    _soft, hard = resource.getrlimit(kind)
    if most is None or (hard != resource.RLIM_INFINITY and most > hard):
        most = hard
    try:
        resource.setrlimit(kind, (most, most))
    except ValueError:
        if sys.platform != "darwin":
            raise
        if kind == resource.RLIMIT_NOFILE:
            resource.setrlimit(kind, (MOST_OPEN_FILES_OF_MACOS, hard))


def allow_many_open_files() -> None:
    """Let this process, a server, open as many files as the system allows it.

    Usual are 1,024, on macOS 256, unless it asks for more. Of the app's server a session takes four
    descriptors, and three of them until two minutes after its end; a run takes two. Of the web
    server each connection is one. Windows has no such limit on handles.
    """
    if sys.platform != "win32":
        bound(resource.RLIMIT_NOFILE, None)


def not_enforced() -> Sequence[str]:
    """Return the settings of this server that ask for a bound which its system does not have."""
    missing = {"win32": ("memory_mb", "open_files"), "darwin": ("memory_mb",)}
    return [
        PREFIX + name.upper()
        for name in missing.get(sys.platform, ())
        if getattr(LIMITS, name) is not None
    ]
