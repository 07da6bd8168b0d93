"""The workers of a Dask cluster that a run may use: found, checked, their clocks compared."""

import logging
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .clocks import Offset, ask, clock_identity
from .dask_remote import ByValue, Where, introduce

CONNECT_LIMIT_S = 8.0
RESTARTED_EVERY_S = 0.1
WORKERS_LIMIT_S = 20.0
CLOSE_LIMIT_S = 3.0

OWN_SCHEDULER = "loopscope"
"""The identity of a scheduler that Loopscope has started itself, on this machine."""
GROW = "loopscope_grow"
"""What such a scheduler can be asked beside all others: to have at least so many workers."""


class ClusterUnfit(Exception):
    """A Dask cluster cannot be used for a run; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The workers of a run, and the client through which they are reached.

    Attributes:
        client: A `distributed.Client`; whoever has the crew closes it.
        workers: Those that the run may use.
        is_all: Whether the cluster has no others, and all of them share this machine's clock: so
            that workers which come later may be used, too.
        offsets: How far clocks are ahead of ours, by their identities.
    """

    client: Any
    workers: tuple[Where, ...]
    is_all: bool
    offsets: Mapping[str, Offset]


def open_crew(address: str, count: int, clock: Callable[[], int]) -> Crew:
    """Connect to a scheduler and return `count` of its workers, ready for work.

    Args:
        address: The scheduler's.
        count: How many workers the run may use.
        clock: Returns our time in nanoseconds.

    Raises:
        ClusterUnfit: If nobody answers in time, or there are not enough workers fit for a run.
    """
    client = _connected(address)
    try:
        _grow(client, count)
        found = _found(client, count)
        chosen = found[:count]
        offsets = _offsets(client, chosen, clock)
        _warm_up(client, chosen)
    except BaseException:
        client.close(timeout=CLOSE_LIMIT_S)
        raise
    is_all = len(found) == count and set(offsets) == {clock_identity()}
    return Crew(client=client, workers=tuple(chosen), is_all=is_all, offsets=offsets)


def _connected(address: str) -> Any:
    import distributed  # noqa: PLC0415 - it takes most of a second

    # What the client logs is not what the measured program prints.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        return distributed.Client(  # type: ignore[no-untyped-call]
            address, timeout=CONNECT_LIMIT_S, set_as_default=False
        )
    except (OSError, ValueError) as error:
        message = (
            f"no Dask scheduler answers at {address} within {CONNECT_LIMIT_S:.0f} s ({error}); "
            "start it, or choose another executor"
        )
        raise ClusterUnfit(message) from error


def _is_own(client: Any) -> bool:
    return bool(client.scheduler_info()["id"] == OWN_SCHEDULER)


def _grow(client: Any, count: int) -> None:
    """Let our own cluster have enough workers, none of them busy with an abandoned job."""
    if not _is_own(client):
        return
    client.sync(getattr(client.scheduler, GROW), count=count)
    abandoned = [address for address, (*_, left) in _introductions(client).items() if left]
    if abandoned:
        client.restart_workers(abandoned, timeout=WORKERS_LIMIT_S)


def _await_workers(client: Any, count: int) -> None:
    try:
        client.wait_for_workers(count, timeout=WORKERS_LIMIT_S)
    except TimeoutError as error:
        there = len(client.scheduler_info()["workers"])
        message = (
            f"{count} Dask workers are asked for, and after {WORKERS_LIMIT_S:.0f} s the scheduler "
            f"has {there}; start more workers, or ask for fewer"
        )
        raise ClusterUnfit(message) from error


def _found(client: Any, count: int) -> list[Where]:
    """Return the workers that can take part.

    One of our own cluster that is being restarted is counted by the scheduler until it has gone, so
    it is asked again until the new one is there.
    """
    until_s = time.monotonic() + WORKERS_LIMIT_S
    while True:
        _await_workers(client, count)
        try:
            return _fit(client, count)
        except ClusterUnfit:
            if not _is_own(client) or time.monotonic() >= until_s:
                raise
        time.sleep(RESTARTED_EVERY_S)


def _introductions(client: Any) -> dict[str, tuple[str, str, bool]]:
    """Return what the workers say of themselves; one that is gone by now says nothing."""
    answers: dict[str, tuple[str, str, bool]] = client.run(ByValue(introduce), on_error="ignore")
    return answers


def _fit(client: Any, count: int) -> list[Where]:
    """Return the workers that can take part, in the order of their addresses."""
    _check_python(client)
    threads = {
        address: each["nthreads"] for address, each in client.scheduler_info()["workers"].items()
    }
    introduced = sorted(_introductions(client).items())
    fit = [
        (address, host, identity)
        for address, (host, identity, left) in introduced
        if threads.get(address) == 1 and not left
    ]
    if len(fit) < count:
        message = (
            f"{count} Dask workers are asked for, and of {len(introduced)} the scheduler has "
            f"{len(fit)} with one thread and no job left over from another run; start workers "
            "with --nthreads 1, or ask for fewer"
        )
        raise ClusterUnfit(message)
    return fit


def _check_python(client: Any) -> None:
    """Refuse workers of another Python: the code of jobs goes to them as bytecode."""
    ours = platform.python_version_tuple()[:2]
    for address, each in client.get_versions()["workers"].items():
        theirs = each["host"]["python"]
        if tuple(theirs.split(".")[:2]) != ours:
            message = (
                f"the Dask worker {address} runs Python {theirs}, and this is Python "
                f"{'.'.join(ours)}; start workers of the same version"
            )
            raise ClusterUnfit(message)


def _warm_up(client: Any, workers: list[Where]) -> None:
    """Let each worker do a task: the first one costs client and worker some imports."""
    tasks = [client.submit(address.upper, workers=[address]) for address, *_ in workers]
    client.gather(tasks, direct=False)


def _offsets(client: Any, workers: list[Where], clock: Callable[[], int]) -> dict[str, Offset]:
    """Return the offset of each clock; on this machine it is none."""
    own = clock_identity()
    addresses = {identity: address for address, _, identity in workers}

    def asked(address: str) -> Offset:
        return ask(clock, lambda: client.run(time.perf_counter_ns, workers=[address])[address])

    return {
        identity: Offset() if identity == own else asked(address)
        for identity, address in addresses.items()
    }
