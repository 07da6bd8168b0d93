"""Blocking jobs that misbehave, for a measuring child of the tests."""

import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from operator import call
from pathlib import Path

from core.jobs import Plan
from core.measuring.resources import ROOM_TO_SAY_BYTES
from core.measuring.wire import HEADER, Tag, json_frame
from core.processes import kill, stand_still

EVENTS = -1
"""The descriptor of the child's pipe for events; the child says which."""
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


def grow(plan: Plan, index: int) -> None:
    """Take more and more memory."""
    taken = []
    while True:
        taken.append(bytearray(1 << 20))
        time.sleep(0.002)


def grow_by_small_objects(plan: Plan, index: int) -> None:
    """Take more and more memory, each time so little that nothing else finds any, either."""
    gc.disable()  # it would look at all of them again and again
    taken: list[object] = []
    while True:
        taken = [taken]


def grow_in_one_call(plan: Plan, index: int) -> None:
    """Take more memory than is allowed, and go on in the same call, so that no thread sees it."""
    if sys.platform == "win32":  # which bounds no memory
        return
    import resource

    allowed, _hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = (
        int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
        * resource.getpagesize()
    )
    more = allowed - ROOM_TO_SAY_BYTES // 2 - taken
    steps: list[Callable[[], object]] = [partial(bytearray, more), partial(sum, range(10**13))]
    list(map(call, steps))


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
    kill(os.getpid())


def _begin_a_frame() -> int:
    """Write what begins a frame whose rest never comes; return where it goes."""
    os.write(EVENTS, HEADER.pack(Tag.EVENTS, 56 << 10) + b"torn")
    return EVENTS


def too_long_a_frame(plan: Plan, index: int) -> None:
    """Write a frame of a length that no run has, and never come back."""
    os.write(EVENTS, HEADER.pack(Tag.EVENTS, 0xFFFF_FFFF))
    forever(plan, index)


def texts_without_keys(plan: Plan, index: int) -> None:
    """Write a frame of texts in which nothing is that should be, and never come back."""
    os.write(EVENTS, json_frame(Tag.TEXTS))
    forever(plan, index)


def stop_within_a_frame(plan: Plan, index: int) -> None:
    """Stand still while the parent waits for the rest of a frame."""
    _begin_a_frame()
    stand_still(os.getpid())


def die_within_a_frame(plan: Plan, index: int) -> None:
    """Die while the parent waits for the rest of a frame, which a copy might still write."""
    if sys.platform == "win32":
        raise NotImplementedError
    os.dup(_begin_a_frame())  # the recorder takes its own descriptor from copies
    if os.fork() == 0:
        os.setsid()  # so that it is not ended with the group
        until = Path(os.environ["ODD_COPY_LIVES_WITH"])
        while until.exists():
            time.sleep(0.02)
        os._exit(0)
    die(plan, index)


def leave(plan: Plan, index: int) -> None:
    """Ask the interpreter to end."""
    sys.exit(3)


def fail(plan: Plan, index: int) -> None:
    """Fail with letters that not every encoding has."""
    raise ValueError(f"작업 {index} — \ud800")


def come_back_twice(plan: Plan, index: int) -> str:
    """Fork, and let the copy come back through the program."""
    if sys.platform == "win32":
        raise NotImplementedError
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return "original"
    print("by a copy")
    return "copy"


def fork_and_exit(plan: Plan, index: int) -> int:
    """Return the exit code of a copy that calls `sys.exit`."""
    if sys.platform == "win32":
        raise NotImplementedError
    pid = os.fork()
    if pid == 0:
        sys.exit(3)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _answer(end: "Connection[object, object]") -> None:
    end.send(os.getpid())


def start_a_process(plan: Plan, index: int) -> bool:
    """Let a process of `multiprocessing` answer, one that is forked."""
    if sys.platform == "win32":
        raise NotImplementedError
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_answer, args=(theirs,))
    process.start()
    answer = ours.recv()
    process.join()
    return bool(answer == process.pid)


def start_a_program(plan: Plan, index: int) -> None:
    """Run a program that does not end by itself, and wait for it."""
    subprocess.run([sys.executable, "-c", "import time; time.sleep(600)"], check=True)


def huge_number(plan: Plan, index: int) -> int:
    """Return a number of more digits than Python writes."""
    return 10**5000


def long_error(plan: Plan, index: int) -> None:
    """Fail with megabytes of text."""
    raise ValueError("x" * (2 << 20))


ODD_JOBS = {
    job.__name__: job
    for job in (
        *(
            forever,
            spin,
            one_call,
            block_then_one_call,
            grow,
            grow_by_small_objects,
            grow_in_one_call,
            chatter,
        ),
        *(garbage, die, leave, fail),
        *(stop_within_a_frame, die_within_a_frame, too_long_a_frame, texts_without_keys),
        *(
            come_back_twice,
            fork_and_exit,
            start_a_process,
            start_a_program,
            huge_number,
            long_error,
        ),
    )
}
