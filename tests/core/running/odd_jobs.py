"""Blocking jobs that misbehave, for a measuring child of the tests."""

import os
import signal
import sys
import threading
import time

from core.jobs import Plan

GARBAGE = b"\x04\xff\xff\xff\x7f\x00garbage\n" * 100


def forever(plan: Plan, index: int) -> None:
    """Never come back."""
    threading.Event().wait()


def spin(plan: Plan, index: int) -> None:
    """Never come back, and use a whole processor."""
    while True:
        pass


def one_call(plan: Plan, index: int) -> None:
    """Calculate in a single call into C, which never gives the GIL to anybody."""
    sum(range(10**13))


def block_then_one_call(plan: Plan, index: int) -> None:
    """Hold the loop for long enough to be seen, and go on in a single call."""
    time.sleep(0.3)
    one_call(plan, index)


def chatter(plan: Plan, index: int) -> None:
    """Never come back, and print all the time."""
    while True:
        print("still here")
        time.sleep(0.01)


def garbage(plan: Plan, index: int) -> str:
    """Write what is no protocol wherever one might listen, and half lines."""
    os.write(1, GARBAGE)
    os.write(2, GARBAGE)
    print("line one\nline two")
    print("half", end="")
    sys.stderr.write("an error\n")
    return "survived"


def die(plan: Plan, index: int) -> None:
    """Take the whole process away, without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


def leave(plan: Plan, index: int) -> None:
    """Ask the interpreter to end."""
    sys.exit(3)


def fail(plan: Plan, index: int) -> None:
    """Fail with letters that not every encoding has."""
    raise ValueError(f"작업 {index} — \ud800")


ODD_JOBS = {
    job.__name__: job
    for job in (
        *(forever, spin, one_call, block_then_one_call, chatter),
        *(garbage, die, leave, fail),
    )
}
