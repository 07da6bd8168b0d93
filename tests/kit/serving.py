"""Runs that need services, measured in children of their own, and jobs that ask them right here."""

import asyncio
import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.jobs import JobKind, Plan
from core.measuring.forking import Spares
from core.measuring.measurement import Measurement
from core.runfile import run_object
from core.services import Services
from core.spec.run_spec import RunSpec
from core.timeline.timeline import On, State, Timeline
from core.workloads import WORKLOADS
from tests.kit.handmade import spec_of
from tests.kit.watching import LIMIT_S, PREPARE_S


def measured(spec: RunSpec, services: Services) -> Timeline:
    """Return the timeline of a run that came to its end."""
    spares = Spares(0)
    measurement = Measurement(spec)
    measurement.begin(spares.take(), services.addresses(spec))
    assert measurement.prepared.wait(PREPARE_S)
    measurement.go()
    assert measurement.ended.wait(LIMIT_S)
    spares.close()
    timeline = measurement.timeline()
    assert measurement.error is None, measurement.error
    assert timeline is not None
    run_object(timeline)
    return timeline


def asked_at_ns(timeline: Timeline) -> list[int]:
    """Return when each job that waited for a connection had it at last, the first one first."""
    spans = timeline.spans
    waits = (spans.state == State.WAITING) & (spans.on == On.CONNECTION)
    return sorted(
        int(spans.end_ns[waits & (spans.job == number)].max())
        for number in np.unique(spans.job[waits])
    )


def assert_waves(timeline: Timeline, connections: int, sleep_s: float) -> None:
    """Check that each connection was waited for until the job before was done with it."""
    asked = asked_at_ns(timeline)
    assert len(asked) == spec_of(timeline).tasks
    for turn, at_ns in enumerate(asked):
        assert at_ns >= turn // connections * sleep_s * 1e9, f"turn {turn}"
    ended = sorted(int(each) for each in timeline.jobs.ended_ns)
    assert asked[connections - 1] < ended[0], "the first jobs go side by side"


def done_here(name: str, kind: JobKind, plan: Plan, index: int = 0) -> object:
    """Do one job of a workload in this process and return its result."""
    workload = WORKLOADS[name]
    if kind is JobKind.BLOCKING:
        return workload.job(kind, plan)(index)

    async def alone() -> object:
        async with workload.opened_job(plan) as job:
            return await job(index)

    return asyncio.run(alone())


def all_at_once(job: Callable[[int], Any], count: int) -> list[object]:
    """Do blocking jobs in a thread each and return their results, or the errors of those failed."""
    results: list[object] = [None] * count

    def work(index: int) -> None:
        try:
            results[index] = job(index)
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=work, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)
    return results


@contextmanager
def all_services() -> Iterator[Services]:
    """Give services and close them at the end."""
    services = Services()
    try:
        yield services
    finally:
        services.close()


@contextmanager
def few_files() -> Iterator[None]:
    """Let this process open no more files."""
    if sys.platform == "win32":
        pytest.skip("Windows does not limit them")
    import resource

    gc.collect()  # what nobody refers to any more would make room when it is closed
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(each.name) for each in Path("/proc/self/fd").iterdir())
    with ExitStack() as taken:
        taken.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
        with suppress(OSError):
            while True:
                taken.enter_context(open(os.devnull, "rb"))  # noqa: PTH123
        yield
