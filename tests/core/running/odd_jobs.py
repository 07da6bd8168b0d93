"""Blocking jobs that misbehave, for a measuring child of the tests."""

import os
import signal
import sys
import threading
import time

from core.jobs import Durations

GARBAGE = b"\x04\xff\xff\xff\x7f\x00garbage\n" * 100


def forever(durations: Durations, index: int) -> None:
    """Never come back."""
    threading.Event().wait()


def spin(durations: Durations, index: int) -> None:
    """Never come back, and use a whole processor."""
    while True:
        pass


def chatter(durations: Durations, index: int) -> None:
    """Never come back, and print all the time."""
    while True:
        print("still here")
        time.sleep(0.01)


def garbage(durations: Durations, index: int) -> str:
    """Write what is no protocol wherever one might listen, and half lines."""
    os.write(1, GARBAGE)
    os.write(2, GARBAGE)
    print("line one\nline two")
    print("half", end="")
    sys.stderr.write("an error\n")
    return "survived"


def die(durations: Durations, index: int) -> None:
    """Take the whole process away, without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


def leave(durations: Durations, index: int) -> None:
    """Ask the interpreter to end."""
    sys.exit(3)


def fail(durations: Durations, index: int) -> None:
    """Fail with letters that not every encoding has."""
    raise ValueError(f"작업 {index} — \ud800")


ODD_JOBS = {job.__name__: job for job in (forever, spin, chatter, garbage, die, leave, fail)}
