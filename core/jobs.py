"""The shared vocabulary: what a job is, and what is known of a run besides its rows.

Patterns arrange jobs and workloads make them. They share these types and need nothing else of one
another; the recorder marks any callable.
"""

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

CoroutineJob = Callable[[int], Coroutine[Any, Any, object]]
"""Called with a job's index, returns a coroutine that does the job."""

BlockingJob = Callable[[int], object]
"""Called with a job's index, does the job and returns its result."""


class JobKind(StrEnum):
    """The two kinds of function in a world with asyncio."""

    COROUTINE = "coroutine"
    BLOCKING = "blocking"


class Spread(StrEnum):
    """How the sleep times of a run's jobs relate to one another."""

    EQUAL = "equal"
    FALLING = "falling"


def time_log(step: str) -> None:
    """Print the time of day and a step, as the tutorial does."""
    print(time.strftime("%H:%M:%S"), step)  # noqa: T201 - shown to learners, as it runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What each job of a run does, as a rule rather than a list: it travels to every worker.

    Attributes:
        longest_s: The sleep time of the job that sleeps longest, in seconds.
        count: How many jobs there are.
        spread: How the sleep times of the jobs relate to one another.
        failing: The index of the job that fails; None if all shall end well.
        failing_after_s: How long that job sleeps before it fails.
        service: Where the service is that the jobs need; see `core.services`.
        connections: How many connections the jobs share.
        failure_rate: The share of requests that the service shall refuse, from 0 to 1.
        rate: How many requests a second the service lets in; 0 for all of them.
    """

    longest_s: float
    count: int
    spread: Spread = Spread.EQUAL
    failing: int | None = None
    failing_after_s: float = 0.0
    service: str = ""
    connections: int = 1
    failure_rate: float = 0.0
    rate: int = 0

    def sleep_s(self, index: int) -> float:
        """Return the sleep time of one job in seconds.

        With `EQUAL` it is the same for all. With `FALLING` the first job sleeps longest and each
        later one sleeps `longest_s / count` less, so jobs started together end in reverse order.
        """
        if index == self.failing:
            return self.failing_after_s
        if self.spread is Spread.FALLING:
            return self.longest_s * (self.count - index) / self.count
        return self.longest_s

    def is_refused(self, index: int) -> bool:
        """Return whether the service shall refuse a job; those refused are spread evenly."""
        return int((index + 1) * self.failure_rate) > int(index * self.failure_rate)

    def fails(self, index: int) -> bool:
        """Return whether a job is to end with an error, by its own doing or by a refusal."""
        return index == self.failing or self.is_refused(index)

    @property
    def may_fail(self) -> bool:
        """Whether any job is to end with an error."""
        return self.failing is not None or self.failure_rate > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessOfProgram:
    """One of the processes of a program that were recorded together.

    Attributes:
        family: A random word that the recordings of all of them have.
        pid: The number of the process.
        parent_pid: That of the one that started it; None for the first.
        name: What the program calls it, such as `SpawnProcess-1`; may be empty.
        started_ns: When its recording began, by a clock that all processes of a machine share.
    """

    family: str
    pid: int
    started_ns: int
    parent_pid: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProgram:
    """Somebody's own program, recorded while it ran; its jobs are its tasks.

    Attributes:
        command: How it was started: the script or module, and its arguments.
        loops: Which kinds of event loops ran in it, such as `asyncio`.
        unrecorded_loops: Those of these whose tasks are not recorded, as they are not built from
            asyncio's parts.
        joined: Whether a loop ran already when the recording began.
        whole_from_ns: From when on nothing was dropped.
        process: Which process of the program it is, where its child processes were recorded, too.
        label: What tells this recording from others of the same program, such as its file's name;
            empty for nothing. It is not the program's, so programs are equal without it.
    """

    command: tuple[str, ...]
    loops: tuple[str, ...] = ()
    unrecorded_loops: tuple[str, ...] = ()
    joined: bool = False
    whole_from_ns: int = 0
    process: ProcessOfProgram | None = None
    label: str = field(default="", compare=False)

    @property
    def is_child(self) -> bool:
        """Whether it is a child process of the program that was recorded."""
        return self.process is not None and self.process.parent_pid is not None

    @property
    def name(self) -> str:
        """The name of the script or module, without its folder, and what tells it from others.

        Of a child process that is its own name and number, otherwise the recording's label.
        """
        name = _file_name(self.command[0])
        if self.process is not None and self.is_child:
            own = filter(None, (self.process.name, f"pid {self.process.pid}"))
            return f"{name} ({', '.join(own)})"
        return f"{name} ({self.label})" if self.label else name


def _file_name(path: str) -> str:
    """Return a path without its folder; it was recorded on another system, perhaps."""
    of_windows = PureWindowsPath(path)
    if of_windows.is_absolute() or ("\\" in path and "/" not in path):
        return of_windows.name
    return PurePosixPath(path).name


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What is known of a run besides what was recorded of its jobs: measured once.

    A recording, a timeline and a run file have all of these. So a new fact is two edits: its line
    in here, and where it is measured. A `key` in the metadata is the fact's name in the run file,
    if that is another one; what is `required` must be in every file, as it is in the oldest.

    Attributes:
        python: The version of the measuring interpreter.
        code: A digest of the pattern's and the job's files, by which it is known whether places of
            the run are lines of today's program; see `core.spec.program`.
        has_gil: Whether its threads ran Python code one at a time.
        startup_ns: How long the pool took to open, before the clock started.
        cpu_ns: What the measuring process used of the processors; workers in processes of their own
            are not in it.
        disturbed_ns: How long threads of the run waited for a processor, in sum, while the machine
            did other work; None where the system has no such number.
        served: What the service of the workload counted.
        start_method: How processes of a pool were started: `fork`, `forkserver` or `spawn`; None
            without such a pool.
        lane_labels: Where the worker of a lane is, such as `pid 1234`, as far as that is known.
        clock_uncertainty_ns: How far times of workers may be off because another machine's clock
            measured them; 0 where all was on one machine.
        dropped_events: How many events were left out, past a cap.
        dropped_lines: The same of printed lines.
        dropped_results: The same of results of jobs.
        memory_before_bytes: What the measuring process had in memory before the pool was opened and
            the pattern began; 0 where that is not known, as below.
        memory_peak_bytes: The most that it had from then on, with what worker processes have for
            themselves.
        recording_failure: What ended the recording before the program, if a part of the recorder
            failed; jobs without an end are then shown up to the last moment known.
    """

    python: str = field(default="", metadata={"required": True})
    code: str = ""
    has_gil: bool = field(default=True, metadata={"key": "gil"})
    startup_ns: int = 0
    cpu_ns: int = 0
    disturbed_ns: int | None = None
    served: dict[str, int] = field(default_factory=dict)
    start_method: str | None = None
    lane_labels: dict[int, str] = field(default_factory=dict, metadata={"key": "lanes"})
    clock_uncertainty_ns: int = 0
    dropped_events: int = field(default=0, metadata={"required": True})
    dropped_lines: int = 0
    dropped_results: int = 0
    memory_before_bytes: int = 0
    memory_peak_bytes: int = 0
    recording_failure: str | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """The facts alone, by their names, of whatever has them."""
        return {each.name: getattr(self, each.name) for each in fields(RunFacts)}
