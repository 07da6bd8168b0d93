"""The measuring child: a process that waits warm, carries out one run and ends.

`python -m core.running.child COMMANDS EVENTS` with the two descriptors of `core.running.wire`.
"""

import gc
import importlib
import json
import os
import platform
import select
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from itertools import islice
from typing import BinaryIO, NoReturn

from core.executors import Pool, open_pool
from core.jobs import CoroutineJob, JobKind, Plan
from core.limits import LIMITS
from core.machine import has_gil
from core.patterns import PATTERNS
from core.recording.cost import cost_per_event_ns
from core.recording.pools import RecordedProcessPool
from core.recording.recorder import MAX_RESULTS, JobError, Recorder
from core.recording.transcript import transcribed
from core.recording.watch import StepWatch
from core.running.bounds import keep_within_limits, memory_is_short
from core.running.memory import forget_peak, peak_bytes, private_bytes, resident_bytes
from core.running.program import Returned, carry_out
from core.running.wire import STOP, Tag, frame, json_frame
from core.spec import RunSpec
from core.workloads import Workload, twin_of

SHIP_EVERY_S = 0.05
LOOK_EVERY_S = 0.01
MAX_RESULT_CHARACTERS = 200

MEMORY_ALLOWED = (
    "there is no more memory"
    if LIMITS.memory_mb is None
    else f"a run may use {LIMITS.memory_mb:,} MB on this server"
)
OUT_OF_MEMORY = json_frame(Tag.FAILED, kind=MemoryError.__name__, message=MEMORY_ALLOWED)
"""Made ahead: whoever has to send it can make nothing any more."""


class ParentLink(threading.Thread):
    """Ships what is recorded while the run goes on, and obeys the parent, alive or gone.

    It is started after a pool of processes has been forked: a fork copies no other threads.
    """

    def __init__(self, commands: int, events: BinaryIO, recorder: Recorder) -> None:
        """Watch one descriptor for commands and write to another what is recorded."""
        super().__init__(name="parent link", daemon=True)
        self._commands = commands
        self._events = events
        self._recorder = recorder
        self._watch = StepWatch(recorder)
        self._shipping = threading.Lock()
        self._finished = threading.Event()
        self.events_shipped = 0
        self.pool: Pool | None = None

    def run(self) -> None:
        """Ship twenty times a second until the run has finished; end the process on command.

        In between look at what holds the loop. Without memory nothing goes on: end and say so.
        """
        try:
            self._ship_and_obey()
        except MemoryError:
            self._events.write(OUT_OF_MEMORY)
            os._exit(1)

    def _ship_and_obey(self) -> None:
        wait_s = ship_s = 0.0
        while not self._finished.is_set():
            ready, _, _ = select.select([self._commands], [], [], wait_s)
            if ready and self._is_told_to_end():
                self._end_now()
            self._watch.look()
            if memory_is_short():
                raise MemoryError
            if time.monotonic() >= ship_s:
                self._ship_or_end()
                ship_s = time.monotonic() + SHIP_EVERY_S
            wait_s = LOOK_EVERY_S

    def _ship_or_end(self) -> None:
        try:
            self.ship()
        except BrokenPipeError:
            self._end_now()

    def _is_told_to_end(self) -> bool:
        told = os.read(self._commands, 64)
        return not told or STOP in told

    def finish(self) -> None:
        """Ship the rest; from now on the parent is not listened to."""
        self._finished.set()
        self.ship()

    def ship(self) -> None:
        """Send what has gathered since the last time."""
        with self._shipping:
            self._ship()

    def _ship(self) -> None:
        parcel = self._recorder.take()
        if parcel.events:
            self._events.write(frame(Tag.EVENTS, parcel.events))
            self.events_shipped += len(parcel.events)
        if parcel.log or parcel.sites or parcel.dropped or parcel.dropped_lines:
            texts = {
                "log": [(line.at_ns, line.text) for line in parcel.log],
                "sites": parcel.sites,
                "dropped": parcel.dropped,
                "dropped_lines": parcel.dropped_lines,
            }
            self._events.write(json_frame(Tag.TEXTS, **texts))

    def _end_now(self) -> NoReturn:
        """End the process; a pattern that comes back from its broken pool must not tell of it."""
        self._shipping.acquire()
        try:
            if isinstance(self.pool, RecordedProcessPool):
                self.pool.kill()
            self._ship()
        finally:
            os._exit(0)


class Child:
    """One life of the measuring child."""

    def __init__(self, commands: int, events: BinaryIO, *, cost_ns: float | None = None) -> None:
        """Talk to the parent over two descriptors.

        `cost_ns` is what recording an event costs, if it has been measured already.
        """
        self._commands = commands
        self._events = events
        self._cost_ns = cost_ns
        self._recorder = Recorder(max_events=LIMITS.events)
        self._link = ParentLink(commands, events, self._recorder)
        self._memory_before_bytes = 0
        self._memory_peak_bytes = 0

    def live(self) -> None:
        """Wait for a spec, carry it out, tell how it went."""
        cost_ns = cost_per_event_ns() if self._cost_ns is None else self._cost_ns
        self._events.write(frame(Tag.READY))
        line = self._read_line()
        if not line:
            return
        asked = json.loads(line)
        spec = RunSpec.from_dict(asked["spec"])
        addresses: dict[str, str] = asked["addresses"]
        keep_within_limits(spec)
        with transcribed(self._recorder.log):
            returned = self._measure(spec, addresses)
        if returned is not None:
            self._link.finish()
            facts = self._closing_facts(returned, cost_ns)
            served = _served(spec, addresses)
            self._events.write(json_frame(Tag.DONE, **facts, served=served))

    def _measure(self, spec: RunSpec, addresses: dict[str, str]) -> Returned | None:
        _import_for_blocking_jobs(spec)
        self._memory_before_bytes = resident_bytes()
        forget_peak()
        opening_ns = self._recorder.clock()
        pool = open_pool(spec, self._recorder, addresses)
        self._link.pool = pool
        startup_ns = self._recorder.clock() - opening_ns if pool else 0
        self._events.write(json_frame(Tag.PREPARED, startup_ns=startup_ns))
        if self._read_line() != b"go":
            self._close(pool)
            return None
        returned = carry_out(
            PATTERNS[spec.pattern],
            _job(spec, addresses),
            spec.tasks,
            recorder=self._recorder,
            extras=_extras(spec, addresses, pool),
            on_start=self._announce_start,
        )
        self._memory_peak_bytes = peak_bytes() + _private_bytes(pool)
        self._close(pool)
        if returned.error is not None:
            self._free_what_the_error_kept()
        return returned

    def _free_what_the_error_kept(self) -> None:
        """Let Python say now what it has to say of coroutines that an error's traceback kept.

        Without recording it would when the interpreter ends, which is too late for the transcript.
        """
        self._recorder.loop = None
        gc.collect()

    def _announce_start(self, started_ns: int) -> None:
        self._events.write(json_frame(Tag.STARTED, started_ns=started_ns))
        self._link.start()

    @staticmethod
    def _close(pool: Pool | None) -> None:
        if pool is not None:
            pool.shutdown(wait=True)

    def _closing_facts(self, returned: Returned, cost_ns: float) -> dict[str, object]:
        recorder = self._recorder
        value = returned.value if isinstance(returned.value, list) else []
        results = islice(recorder.results.items(), MAX_RESULTS)
        return {
            "returned_ns": returned.returned_ns,
            "error": returned.error and told(returned.error),
            "results": [shown(each) for each in value[:MAX_RESULTS]],
            "job_results": {number: shown(each) for number, each in results},
            "dropped_results": max(0, len(recorder.results) - MAX_RESULTS),
            "memory_before_bytes": self._memory_before_bytes,
            "memory_peak_bytes": self._memory_peak_bytes,
            "job_errors": {number: told(error) for number, error in recorder.errors.items()},
            "cost_per_event_ns": cost_ns,
            "python": platform.python_version(),
            "has_gil": has_gil(),
            "cpu_ns": returned.cpu_ns,
            "start_method": self._start_method(),
            "lane_labels": recorder.lane_labels,
            "clock_uncertainty_ns": recorder.clock_uncertainty_ns,
        }

    def _start_method(self) -> str | None:
        pool = self._link.pool
        return pool.start_method if isinstance(pool, RecordedProcessPool) else None

    def _read_line(self) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = os.read(self._commands, 1)
            if not byte:
                return b""
            line += byte
        return bytes(line[:-1])


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
        "timeout_s": spec.timeout_s,
    }


def _plan(spec: RunSpec, workload: Workload, addresses: dict[str, str]) -> Plan:
    return replace(spec.plan, service=addresses.get(workload.needs or "", ""))


def _served(spec: RunSpec, addresses: dict[str, str]) -> dict[str, int]:
    """Return what the service of a run counted meanwhile; nothing where there is none to ask."""
    if spec.job.served is None:
        return {}
    return spec.job.served(_plan(spec, spec.job, addresses))


def shown(value: object) -> str:
    """Return a result as the page and the run file show it."""
    text = encodable(value if isinstance(value, str) else repr(value))
    if len(text) > MAX_RESULT_CHARACTERS:
        return text[: MAX_RESULT_CHARACTERS - 1] + "…"
    return text


def told(error: JobError) -> tuple[str, str]:
    """Return an error's type and message as they go over the pipe, and a limit that was met."""
    if error.kind == MemoryError.__name__ and not error.message:
        return error.kind, MEMORY_ALLOWED
    return error.kind, encodable(error.message)


def encodable(text: str) -> str:
    """Return a text with a `?` for each half of a surrogate pair, which no file or page takes."""
    return text.encode(errors="replace").decode()


def main(arguments: list[str]) -> None:
    """Live with the descriptors named on the command line."""
    commands, events = (int(argument) for argument in arguments)
    live_with(commands, events)


def live_with(commands: int, events: int, *, cost_ns: float | None = None) -> None:
    """Live with two descriptors; `cost_ns` as for `Child`."""
    with os.fdopen(events, "wb", buffering=0) as stream:
        tell_on_failure(stream, Child(commands, stream, cost_ns=cost_ns).live)


def tell_on_failure(stream: BinaryIO, live: Callable[[], None]) -> None:
    """Live, and tell the parent of an exception, for example that no thread could be started."""
    try:
        live()
    except Exception as error:
        kind, message = told(JobError.of(error))
        stream.write(json_frame(Tag.FAILED, kind=kind, message=message))
        raise


if __name__ == "__main__":
    main(sys.argv[1:])
