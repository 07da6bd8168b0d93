"""Orphans: what a process has started and left behind, brought to whoever shall end it."""

import ctypes
import sys

SET_CHILD_SUBREAPER = 36
"""Source: prctl(2), PR_SET_CHILD_SUBREAPER in linux/prctl.h."""


def adopt_orphans() -> None:
    """Let what descendants leave behind become children of this process, where Linux allows it."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
