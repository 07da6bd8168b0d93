"""The measuring child: a process that waits warm, carries out one run and ends.

`python -m core.measuring.child` with the pipes of `core.measuring.wire` as its standard streams.

Each run has a process of its own: it can be stopped at any moment, whatever it does; it dies with
its session; its `print` cannot corrupt the data, which has a pipe of its own; and no other
session's thread sits on its GIL. Several runs in one would find what the ones before left behind:
threads, memory, caches.
"""

import gc
import importlib
import json
import os
import platform
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from core.jobs import CoroutineJob, JobKind, Plan, RunFacts
from core.measuring.parent_link import ParentLink, end_what_starts_workers
from core.measuring.program import Callbacks, Pool, Returned, carry_out, open_pool
from core.measuring.resources import (
    MachineTime,
    disturbed_ns,
    end_by_itself_after,
    forget_peak,
    keep_within_limits,
    machine_time,
    peak_bytes,
    private_bytes,
)
from core.measuring.wire import (
    GO,
    Commands,
    Tag,
    error_fields,
    frame,
    json_frame,
    result_texts,
    take_standard_streams,
)
from core.patterns import PATTERNS
from core.recording.cost import cost_per_event_ns
from core.recording.pools import RecordedProcessPool
from core.recording.recorder import MAX_RESULTS, Recorder
from core.recording.transcript import transcribed
from core.spec.limits import LIMITS, has_gil
from core.spec.program import code_digest
from core.spec.run_spec import RunSpec
from core.workloads import WORKLOADS, Workload, failures, twin_of
from core.workloads.failures import refusal

OWN_FOLDER = Path(__file__).parent
AFTER_LIMIT_S = 30.0
"""How long after its limit, by which its parent ends it, a run ends by itself."""


class Child:
    """One life of the measuring child."""

    def __init__(self, commands: int, events: BinaryIO, *, cost_ns: float | None = None) -> None:
        """Talk to the parent over two descriptors.

        `cost_ns` is what recording an event costs, if it has been measured already.
        """
        self._commands = Commands(commands)
        self._events = events
        self._cost_ns = cost_ns
        self._recorder = Recorder(
            max_events=LIMITS.events,
            machinery=[OWN_FOLDER],
            connecting=[each for workload in WORKLOADS.values() for each in workload.connecting],
        )
        self._link = ParentLink(self._commands, events, self._recorder, self._facts)
        self._memory_before_bytes = 0
        self._memory_peak_bytes = 0
        self._startup_ns = self._cpu_ns = 0
        self._code = ""
        self._disturbed_ns: int | None = None
        self._time_at_start: MachineTime | None = None
        self._pid = os.getpid()
        if hasattr(os, "register_at_fork"):
            # A fork calls it in the copy; a subprocess, which comes by exec, does not (3.11 to
            # 3.15).
            os.register_at_fork(after_in_child=self._cut_off)

    def _cut_off(self) -> None:
        """Let a copy of this process, which a job has forked, record nothing and tell nobody."""
        self._recorder.record_nothing()
        # Not closed: the numbers would be given to what the copy opens next.
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, self._commands.fileno(), inheritable=False)
        if not self._events.closed:
            os.dup2(nowhere, self._events.fileno(), inheritable=False)
        os.close(nowhere)

    def live(self) -> None:
        """Wait for a spec, carry it out, tell how it went."""
        cost_ns = cost_per_event_ns() if self._cost_ns is None else self._cost_ns
        self._events.write(frame(Tag.READY))
        command = self._commands.receive()
        if not command:
            return
        asked = json.loads(command)
        spec = RunSpec.from_dict(asked["spec"])
        addresses: dict[str, str] = asked["addresses"]
        keep_within_limits(spec)
        # `failures` wraps jobs, so its frames would stand in their tracebacks.
        with transcribed(self._recorder.log, hidden=[str(OWN_FOLDER), failures.__file__]):
            returned = self._measure(spec, addresses, asked["limit_s"])
        if returned is not None:
            self._link.finish()
            facts = replace(self._facts(), served=_served(spec, addresses))
            closing = self._closing(returned, cost_ns)
            self._events.write(json_frame(Tag.DONE, **closing, facts=facts.facts))

    def _measure(self, spec: RunSpec, addresses: dict[str, str], limit_s: float) -> Returned | None:
        _import_for_blocking_jobs(spec)
        self._code = code_digest(spec)
        self._memory_before_bytes = forget_peak()
        opening_ns = self._recorder.clock()
        pool = open_pool(spec, self._recorder, addresses)
        self._link.pool = pool
        self._startup_ns = self._recorder.clock() - opening_ns if pool else 0
        self._events.write(json_frame(Tag.PREPARED, startup_ns=self._startup_ns))
        if self._commands.receive() != GO:
            self._close(pool)
            return None
        end_by_itself_after(limit_s + AFTER_LIMIT_S)

        def get_ready() -> None:
            # A busy machine may take a tenth of a second to let a new thread begin.
            self._link.start()
            self._time_at_start = self._machine_time()

        def note_disturbance() -> None:
            self._disturbed_ns = self._disturbed_so_far_ns()

        # From here on the clock may start: what takes time has been done.
        returned = carry_out(
            PATTERNS[spec.pattern],
            _job(spec, addresses),
            spec.tasks,
            recorder=self._recorder,
            extras=_extras(spec, addresses, pool),
            callbacks=Callbacks(
                before_start=get_ready,
                on_start=self._announce_start,
                on_return=note_disturbance,
            ),
        )
        self._cpu_ns = returned.cpu_ns
        if os.getpid() != self._pid:
            return None  # a copy that came back; the pool is not its own
        own_bytes = peak_bytes()
        # Without its own part the sum would say too little, so then it is not known, either.
        self._memory_peak_bytes = own_bytes + _private_bytes(pool) if own_bytes else 0
        self._close(pool)
        if returned.error is not None:
            self._free_what_the_error_kept()
        return returned

    def _free_what_the_error_kept(self) -> None:
        """Let Python say now what it has to say of coroutines that an error's traceback kept.

        Without recording it would when the interpreter ends, which is too late for the transcript.
        Then no code runs, and Python's warnings name `sys:1` as their place; so they do here.
        """
        self._recorder.stop()
        exec(compile("collect()", "sys", "exec"), {"collect": gc.collect})  # noqa: S102

    def _disturbed_so_far_ns(self) -> int | None:
        """Return how long threads of the run have waited for a processor; any thread may ask."""
        at_start, clocks = self._time_at_start, self._recorder.thread_clocks
        if at_start is None:
            return None
        of_ended_ns = 0 if clocks is None else clocks.delay_of_ended_ns
        return disturbed_ns(at_start, self._machine_time(), of_ended_ns)

    def _machine_time(self) -> MachineTime:
        pool = self._link.pool
        pids = pool.pids if isinstance(pool, RecordedProcessPool) else ()
        recorder = self._recorder
        return machine_time(recorder.clock(), pids, but=recorder.own_threads)

    def _announce_start(self, started_ns: int) -> None:
        self._events.write(json_frame(Tag.STARTED, started_ns=started_ns))

    @staticmethod
    def _close(pool: Pool | None) -> None:
        if pool is not None:
            pool.shutdown(wait=True)

    def _closing(self, returned: Returned, cost_ns: float) -> dict[str, object]:
        """Return what the child tells at its end, but for the facts."""
        recorder, value = self._recorder, returned.value
        listed: Any = value if issubclass(type(value), list) else []
        results = dict(islice(recorder.results.items(), MAX_RESULTS))
        return {
            "returned_ns": returned.returned_ns,
            "error": returned.error and error_fields(returned.error),
            "results": result_texts(islice(list.__iter__(listed), MAX_RESULTS)),
            "job_results": dict(zip(results, result_texts(results.values()), strict=True)),
            "job_errors": {
                number: error_fields(error) for number, error in recorder.errors.items()
            },
            "cost_per_event_ns": cost_ns,
        }

    def _facts(self) -> RunFacts:
        """Return what is known of the run by now; any thread may ask."""
        recorder = self._recorder
        return RunFacts(
            python=platform.python_version(),
            code=self._code,
            has_gil=has_gil(),
            startup_ns=self._startup_ns,
            cpu_ns=self._cpu_ns,
            disturbed_ns=(
                self._disturbed_so_far_ns() if self._disturbed_ns is None else self._disturbed_ns
            ),
            start_method=self._start_method(),
            lane_labels=dict(recorder.lane_labels),
            clock_uncertainty_ns=recorder.clock_uncertainty_ns,
            dropped_results=max(0, len(recorder.results) - MAX_RESULTS),
            memory_before_bytes=self._memory_before_bytes,
            memory_peak_bytes=self._memory_peak_bytes,
            recording_failure=recorder.failure,
        )

    def _start_method(self) -> str | None:
        pool = self._link.pool
        return pool.start_method if isinstance(pool, RecordedProcessPool) else None


def _private_bytes(pool: Pool | None) -> int:
    return private_bytes(pool.pids) if isinstance(pool, RecordedProcessPool) else 0


def _import_for_blocking_jobs(spec: RunSpec) -> None:
    """Import what blocking jobs need, before a pool forks and the clock starts."""
    pattern = PATTERNS[spec.pattern]
    if pattern.arranges is JobKind.BLOCKING or pattern.takes_both_kinds:
        for name in twin_of(spec.job).imports:
            importlib.import_module(name)


def _job(
    spec: RunSpec, addresses: dict[str, str]
) -> Callable[[int], object] | AbstractAsyncContextManager[CoroutineJob]:
    pattern = PATTERNS[spec.pattern]
    plan = _plan(spec, spec.job, addresses)
    if spec.job.opens is not None and pattern.arranges is JobKind.COROUTINE:
        return spec.job.opened_job(plan)
    return spec.job.job(pattern.arranges, plan)


def _extras(spec: RunSpec, addresses: dict[str, str], pool: Pool | None) -> dict[str, object]:
    twin = twin_of(spec.job)
    return {
        "executor": pool,
        "blocking_job": twin.job(JobKind.BLOCKING, _plan(spec, twin, addresses)),
        "limit": spec.limit,
        "rate": spec.rate,
        "timeout_s": spec.timeout_s,
    }


def _plan(spec: RunSpec, workload: Workload, addresses: dict[str, str]) -> Plan:
    return replace(spec.plan, service=addresses.get(workload.needs or "", ""))


def _served(spec: RunSpec, addresses: dict[str, str]) -> dict[str, int]:
    """Return what the service of a run counted meanwhile; nothing where there is none to ask."""
    if spec.job.served is None:
        return {}
    return spec.job.served(_plan(spec, spec.job, addresses))


def live_with(commands: int, events: int, *, cost_ns: float | None = None) -> None:
    """Live with two descriptors; `cost_ns` as for `Child`."""
    try:
        with os.fdopen(events, "wb", buffering=0) as stream:
            tell_on_failure(stream, Child(commands, stream, cost_ns=cost_ns).live)
    finally:
        end_what_starts_workers()


def tell_on_failure(stream: BinaryIO, live: Callable[[], None]) -> None:
    """Live, and tell the parent of an exception, for example that no thread could be started."""
    try:
        live()
    except BaseException as error:
        stream.write(json_frame(Tag.FAILED, **error_fields(refusal(error))))
        raise


if __name__ == "__main__":
    live_with(*take_standard_streams())
