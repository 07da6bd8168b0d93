"""What code of trio does: where its coroutines wait, and which of its functions act for others.

By file and qualified name, as nothing in here imports it. anyio's streams in memory and its part
for trio go with it.
"""

import os
from types import CodeType

from .events import Then

LibraryCoroutine = tuple[str, str]
"""The file of an installed library, its folder before it, and the coroutine's `__qualname__`."""
_WAITS: dict[Then, tuple[LibraryCoroutine, ...]] = {
    Then.TIMER: (("trio/_timeouts.py", "sleep_until"),),
    Then.TASK: (
        ("_core/_run.py", "Nursery._nested_child_finished"),
        ("_core/_run.py", "Nursery.start"),
    ),
    Then.EXECUTOR: (("trio/_threads.py", "to_thread_run_sync"),),
    Then.LOCK: (("trio/_sync.py", "_LockImpl.acquire"),),
    Then.SEMAPHORE: (
        ("trio/_sync.py", "Semaphore.acquire"),
        ("trio/_sync.py", "CapacityLimiter.acquire_on_behalf_of"),
    ),
    Then.EVENT: (("trio/_sync.py", "Event.wait"),),
    Then.CONDITION: (("trio/_sync.py", "Condition.wait"),),
    Then.QUEUE: (
        ("trio/_channel.py", "MemorySendChannel.send"),
        ("trio/_channel.py", "MemoryReceiveChannel.receive"),
        ("streams/memory.py", "MemoryObjectSendStream.send"),
        ("streams/memory.py", "MemoryObjectReceiveStream.receive"),
    ),
    Then.STREAM: (
        ("_core/_io_epoll.py", "EpollIOManager._epoll_wait"),
        ("_core/_io_kqueue.py", "KqueueIOManager._wait_common"),
        ("_core/_io_windows.py", "WindowsIOManager._afd_poll"),
    ),
    Then.PROCESS: (("trio/_subprocess.py", "Process.wait"),),
}
WAIT_IN_LIBRARY = {
    coroutine: int(on) for on, coroutines in _WAITS.items() for coroutine in coroutines
}
"""On what each of them waits."""
MAKERS_FILES = tuple(
    os.sep + os.path.join(*parts)  # noqa: PTH118 - as the end of a code object's file
    for parts in (
        ("trio", "_core", "_run.py"),
        ("trio", "_core", "_instrumentation.py"),
        ("trio", "_threads.py"),
        ("anyio", "_backends", "_trio.py"),
        ("anyio", "to_thread.py"),
    )
)
"""How the files end whose functions make tasks, and hand over calls, for whoever calls them."""
_RUN = "unrolled_run"


def runs_steps(code: CodeType) -> bool:
    """Return whether code is that of trio which runs the steps of all tasks."""
    return code.co_name == _RUN and code.co_filename.endswith(MAKERS_FILES[0])
