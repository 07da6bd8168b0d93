"""The flight recorder: the last seconds of this process in bounded memory, written when asked for.

What was recorded is held in parts of a fifth of a second, the oldest of which is dropped. Of the
jobs that go on, the row that made them and their last one are held beyond that: in a cut each such
job begins where the cut does, in the state in which it was then.
"""

import signal
import sys
import threading
import time
from array import array
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .events import BYTES_PER_EVENT, DETAIL_MASK, FIRST_END, KIND_MASK, NOBODY, WIDTH, Kind
from .file_recording import (
    MOST_LOOKED_THROUGH,
    ProcessRecording,
    cost_without_a_loop,
    name_newcomers,
    unused,
)
from .handles import NS_PER_S
from .recorder import Recorder
from .recording_file import block, json_block
from .watch import running_step

NS_PER_MS = 1_000_000
BYTES_PER_MB = 1 << 20
OVERHEAD_OF_A_TEXT = 100
LINGER_NS = 1_000_000_000
"""How long after it was found long a step is waited for, so that the cut has its end."""
MOST_SLOW_STEPS = 20
"""How many cuts a process writes of its own accord: a disk is not for a server's slow steps."""
LIFE = frozenset(
    {Kind.CREATED, Kind.STEP, Kind.MORE, Kind.TAKEN, Kind.WORKED, Kind.ENDED, Kind.WORKER_LOST}
)
WITH_A_WAKER = frozenset(
    {Kind.STEP, Kind.MORE, Kind.READY, Kind.CANCELLED, Kind.CREATED, Kind.HOLDER}
)
STEPS = frozenset({Kind.STEP, Kind.MORE})


@dataclass(slots=True)
class Part:
    """What was recorded in a fifth of a second."""

    start_ns: int
    rows: bytes
    texts: dict[str, dict[int, Any]]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        texts = [text for table in self.texts.values() for text in table.values()]
        letters = sum(len(text) if isinstance(text, str) else sum(map(len, text)) for text in texts)
        self.size = len(self.rows) + letters + OVERHEAD_OF_A_TEXT * len(texts)


class FlightRecorder(ProcessRecording):
    """Records what this process does and holds the last seconds of it, which a cut writes.

    A cut is written by `cut`, by the signal SIGUSR2 where the program does not use it, when a step
    has held its loop for long, and at the end. It says from when on it is whole.
    """

    def __init__(
        self,
        keep_s: float = 10.0,
        most_mb: float = 10.0,
        *,
        stem: str | Path = "cut",
        slow_step_ms: float | None = None,
        at_exit: bool = True,
        on_cut: Callable[[Path, str], object] = lambda _path, _why: None,
        command: Sequence[str] = (),
        for_s: float | None = None,
    ) -> None:
        """Be about to record.

        Args:
            keep_s: For how long what was recorded is held, in seconds.
            most_mb: How much of it there is at most, in MiB.
            stem: How the files of cuts begin; they are numbered.
            slow_step_ms: A cut is made of a step that holds its loop for so many milliseconds; of
                those soon after one another a cut each half of `keep_s`, and 20 in all. None for no
                such cuts.
            at_exit: Whether a cut is made at the end, also of a program that fails.
            on_cut: Called with each cut's file, and why it was made, in the recorder's thread.
            command: How the program was started; what the interpreter says if it is not given.
            for_s: For how long to record, in seconds; None until `stop`.
        """
        super().__init__(Recorder(indexed=False, max_events=1 << 62), command, for_s)
        self.path: Path | None = None
        self._keep_ns, self._most = int(keep_s * NS_PER_S), int(most_mb * BYTES_PER_MB)
        self._stem, self._at_exit, self._on_cut = str(stem), at_exit, on_cut
        self._slow_ns = None if slow_step_ms is None else int(slow_step_ms * NS_PER_MS)
        self._slow: tuple[Any, int] | None = None
        self._rest_until_ns = self._slow_steps = 0
        self._owes_cut = False
        self._asked: deque[str] = deque()
        self._parts: deque[Part] = deque()
        self._size = self._dropped = 0
        self._sites: list[str] = []
        self._going_on: dict[int, tuple[bytes, bytes | None]] = {}
        self._names: dict[int, str] = {}
        self._coroutines: dict[int, str] = {}
        self._begun_ns = self._since_ns = 0
        self._cost_ns = 0.0
        self._handles_signal = False

    def cut(self, path: str | Path | None = None, why: str = "asked for") -> Path:
        """Write what is held, and return the file.

        It takes some 100 ms for 10 MiB, during which its caller waits; see `cut_soon`.

        Args:
            path: The file, replaced if it exists; one with the first free number if not given.
            why: What `on_cut` is called with.

        Raises:
            OSError: If it cannot be written.
        """
        with self._writing:
            if self._is_open:
                self._gather()
            data = self._data()
            found = unused(self._stem) if path is None else Path(path)
            _write_whole(found, data)
            self.path = found
        self._on_cut(found, why)
        return found

    def cut_soon(self, why: str = "asked for") -> None:
        """Let the recorder's thread write a cut; nobody waits for it."""
        self._asked.append(why)

    def _open(self) -> None:
        # now, since it runs loops that would be recorded later
        self._cost_ns = cost_without_a_loop()
        self._begun_ns = self._since_ns = self._recorder.clock()
        if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(signal.SIGUSR2) is signal.SIG_DFL:
            signal.signal(signal.SIGUSR2, lambda *_: self.cut_soon("SIGUSR2"))
            self._handles_signal = True

    def _finish(self) -> None:
        in_main = threading.current_thread() is threading.main_thread()
        if sys.platform != "win32" and self._handles_signal and in_main:
            signal.signal(signal.SIGUSR2, signal.SIG_DFL)
        self._gather()
        self._stop_recording()
        if self._at_exit:
            try:
                self.cut(why="the end")
            except OSError as error:
                self._failure = f"{error.filename}: {error.strerror}"

    def _look(self) -> None:
        super()._look()
        if self._slow_ns is not None:
            self._look_for_slow(self._slow_ns)
        while self._asked:
            try:
                self.cut(why=self._asked.popleft())
            except OSError as error:
                self._failure = f"{error.filename}: {error.strerror}"

    def _look_for_slow(self, slow_ns: int) -> None:
        """Ask for a cut of a step that holds its loop for long, once it has ended."""
        now_ns = self._recorder.clock()
        if self._slow is not None:
            step, found_ns = self._slow
            if step.start_ns not in self._starts() or now_ns - found_ns > LINGER_NS:
                self._slow, self._owes_cut = None, True
        elif self._slow_steps < MOST_SLOW_STEPS:
            for loop in self._recorder.loops:
                step = running_step(loop)
                if step is not None and now_ns - step.start_ns >= slow_ns:
                    self._slow = step, now_ns
        # Soon after a cut it waits, and has all that came since: such a step is held long enough.
        if self._owes_cut and now_ns >= self._rest_until_ns:
            self._owes_cut = False
            self._slow_steps += 1
            self._rest_until_ns = now_ns + self._keep_ns // 2
            self.cut_soon("a step held its loop for long")

    def _starts(self) -> set[int]:
        return {step.start_ns for loop in self._recorder.loops if (step := running_step(loop))}

    def _gather(self) -> None:
        recorder = self._recorder
        name_newcomers(recorder)
        now_ns = recorder.clock()
        parcel = recorder.take()
        self._sites += parcel.sites
        part = Part(self._since_ns, parcel.events, self._texts())
        self._since_ns = now_ns
        self._parts.append(part)
        self._size += part.size
        while len(self._parts) > 1 and (
            self._parts[1].start_ns < now_ns - self._keep_ns or self._size > self._most
        ):
            self._drop(self._parts.popleft())

    def _drop(self, part: Part) -> None:
        """Forget a part, but for what is needed of the jobs that go on after it."""
        self._size -= part.size
        self._dropped += len(part.rows) // BYTES_PER_EVENT
        self._names |= part.texts["names"]
        self._coroutines |= part.texts["coroutines"]
        rows, going_on = part.rows, self._going_on
        for place, kind, job, detail in _lives(rows):
            row = rows[place : place + BYTES_PER_EVENT]
            if kind == Kind.CREATED:
                going_on[job] = row, None
            elif kind not in (Kind.CREATED, Kind.TAKEN, Kind.WORKER_LOST) and (
                detail & DETAIL_MASK >= FIRST_END
            ):
                going_on.pop(job, None)
                self._names.pop(job, None)
                self._coroutines.pop(job, None)
            elif job in going_on:
                going_on[job] = going_on[job][0], row

    def _data(self) -> bytes:
        """Return what is held as a recording file."""
        recorder = self._recorder
        parts = list(self._parts)
        whole_ns = parts[0].start_ns if self._dropped else self._begun_ns
        table = array("q", b"".join(part.rows for part in parts))
        now = array("q", self._watch.snapshot(last=True, most=MOST_LOOKED_THROUGH))
        self._sites += recorder.sites.take_new()  # where they are now
        started_ns = whole_ns
        if self._dropped:
            # A step that was under way then is shown whole, so the file begins before it is whole;
            # a job that was there then is one that exists since the beginning of the file.
            begun = [whole_ns - 1, *_starts_of_steps(table), *_starts_of_steps(now)]
            started_ns = min(begun)
        before = [_carried(birth, last, started_ns) for birth, last in self._going_on.values()]
        table = array("q", b"".join(before)) + table
        kinds_and_jobs = zip(table[::WIDTH], table[1::WIDTH], strict=True)
        created = [job for kind, job in kinds_and_jobs if kind & KIND_MASK == Kind.CREATED]
        numbers = {job: number for number, job in enumerate(created)}
        texts: dict[str, dict[int, Any]] = {
            "names": dict(self._names),
            "coroutines": dict(self._coroutines),
            "results": {},
            "errors": {},
        }
        for part in parts:
            for name, of_jobs in part.texts.items():
                texts[name] |= of_jobs
        renamed = {
            name: {numbers[job]: text for job, text in of_jobs.items() if job in numbers}
            for name, of_jobs in texts.items()
        }
        told = json_block(
            b"T",
            at_ns=recorder.clock(),
            sites=self._sites,
            dropped_events=self._dropped,
            **self._loops(),
            **renamed,
        )
        return b"".join(
            (
                self._head(started_ns, whole_from_ns=whole_ns - started_ns),
                told,
                block(b"R", _renumbered(table, numbers)),
                block(b"U", _renumbered(now, numbers)),
                self._ending(recorder.clock(), self._cost_ns, goes_on=self._is_open),
            )
        )


def _lives(rows: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield place, kind, job and detail of the rows that tell how the lives of jobs went on."""
    table = memoryview(rows).cast("q").tolist()
    for place in range(0, len(table), WIDTH):
        kind = table[place] & KIND_MASK
        if kind in LIFE and table[place + 1] != NOBODY:
            yield place * 8, kind, table[place + 1], table[place + 5]


def _starts_of_steps(table: "array[int]") -> list[int]:
    kinds, starts = table[::WIDTH], table[3::WIDTH]
    return [s for kind, s in zip(kinds, starts, strict=True) if kind & KIND_MASK in STEPS]


def _carried(birth: bytes, last: bytes | None, at_ns: int) -> bytes:
    """Return rows of a job that was there before: it begins in the state in which it was then."""
    created = array("q", birth)
    created[3] = at_ns
    if last is None:
        return created.tobytes()
    row = array("q", last)
    if row[0] & KIND_MASK == Kind.MORE:
        row[0] += Kind.STEP - Kind.MORE
    row[2] = at_ns if row[0] & KIND_MASK == Kind.STEP else 0
    row[3] = at_ns
    row[4] = at_ns if row[4] else 0
    row[6] = NOBODY
    return created.tobytes() + row.tobytes()


def _renumbered(table: "array[int]", numbers: dict[int, int]) -> bytes:
    """Return rows with their jobs numbered anew: a server of some days has had very many."""
    kinds = [kind & KIND_MASK for kind in table[::WIDTH]]
    new, jobs, wakers = table[:], table[1::WIDTH], table[6::WIDTH]
    number = numbers.get
    # a row of a turn has times in these columns
    new[1::WIDTH] = array(
        "q",
        [
            job if kind == Kind.TURN else number(job, NOBODY)
            for kind, job in zip(kinds, jobs, strict=True)
        ],
    )
    new[6::WIDTH] = array(
        "q",
        [
            number(waker, NOBODY) if kind in WITH_A_WAKER else waker
            for kind, waker in zip(kinds, wakers, strict=True)
        ],
    )
    return new.tobytes()


def _write_whole(path: Path, data: bytes) -> None:
    """Let a file appear once all of it is there, as somebody may watch the folder for it."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class SlowRequests:
    """ASGI middleware: of a request that takes long, a flight recorder makes a cut."""

    def __init__(self, app: Any, recorder: FlightRecorder, slow_s: float = 1.0) -> None:
        self._app, self._recorder, self._slow_s = app, recorder, slow_s

    async def __call__(
        self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Any]
    ) -> None:
        """Pass a request on, and look how long it took."""
        begun_s = time.monotonic()
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "http" and time.monotonic() - begun_s >= self._slow_s:
                self._recorder.cut_soon(f"a slow request of {scope['path']}")
