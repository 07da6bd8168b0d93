"""A run of somebody's code, as its owner sees it: from the press of Run to a timeline."""

import io
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import (
    BadFile,
    ChildLost,
    FramesGarbled,
    LoopscopeError,
    ResultEvicted,
    RunFailed,
    RunStopped,
    TimeLimitReached,
)
from core.measuring.resources import MB, allowed_bytes
from core.measuring.turns import Cost, Lane, Turn, Turns, Wait
from core.own_code.errors import TooManyProcesses
from core.own_code.failure import Failure, failure_of
from core.own_code.supervisor import LAST_LINES, LINES_AT_ONCE, Order
from core.processes import (
    KILLED,
    ROOT,
    apart,
    environment,
    kill,
    kill_with_descendants,
    working_in,
)
from core.recording.recorder import MAX_LOG_LINES, LogLine
from core.recording.recording_file import MAGIC, blocks
from core.recording.transcript import MAX_LINE_BYTES
from core.runfile.in_turn import load_in_turn
from core.spec.limits import LIMITS
from core.text.language import speak, spoken
from core.timeline.timeline import Timeline
from core.workloads.failures import refusal, said

MODULE = "core.own_code.supervisor"
EXPECTED_S = 5.0
"""What a run is taken to last by those that wait for it: nobody knows before."""
END_LIMIT_S = 12.0
"""For how long the supervisor may take to end what it watches."""
ENDING_S = 6.0
"""After its input is closed: as long as it takes to end the code at most, and a second."""
LINE_BYTES = 150


class OwnCodeRun:
    """Code that runs under the recorder when it is its turn. One thread follows it.

    Attributes:
        code: The code, as it runs.
        ended: Set once nothing of the run is alive any more.
        error: Why the run ended early, or why nothing can be shown of it; final as `ended` is.
        failure: Why the code itself failed, if it did.
        log: What it has printed so far; times are those of `time.perf_counter_ns`.
        began_s: When it began, by the clock of `time.monotonic`; None while it waits.
        waited_s: For how many seconds it has waited for its turn.
    """

    def __init__(
        self,
        code: str,
        *,
        turns: Turns,
        owner: Hashable,
        on_end: "Callable[[OwnCodeRun], None]" = lambda run: None,  # noqa: ARG005
    ) -> None:
        """Ask for a turn, and begin when it comes, which may be at once.

        Args:
            code: What to run.
            turns: Says when it may begin.
            owner: For whom; owners take turns.
            on_end: Called once all has ended, just before `ended` is set.
        """
        self.code = code
        self.ended = threading.Event()
        self.error: LoopscopeError | None = None
        self.failure: Failure | None = None
        self.log: list[LogLine] = []
        self.began_s: float | None = None
        self.waited_s = 0.0
        self._ended_s: float | None = None
        self._turns = turns
        self._on_end = on_end
        self._language = spoken()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._timeline: Timeline | None = None
        self._asked_s = time.monotonic()
        cost = Cost(cores=1.0, children=2, seconds=EXPECTED_S, lane=Lane.HEAVY)
        self._turn: Turn | None = None
        try:
            self._turn = turns.ask(owner, cost, self._begin)
        except LoopscopeError as error:
            self.error = error
            self._finish()

    @property
    def waiting(self) -> Wait | None:
        """How long it has to wait for its turn; None while it runs and after its end."""
        turn = self._turn
        return None if turn is None or self.ended.is_set() else self._turns.wait_of(turn)

    @property
    def outcome(self) -> str:
        """How it ended, for a log: `ok`, what ended it, or the status that the code ended with."""
        if self.error is not None:
            return type(self.error).__name__
        return "ok" if self.failure is None else f"status {self.failure.status}"

    @property
    def took_s(self) -> float:
        """For how many seconds it has run, or ran."""
        if self.began_s is None:
            return 0.0
        return (self._ended_s or time.monotonic()) - self.began_s

    @property
    def timeline(self) -> Timeline | None:
        """What was recorded, once the run has ended; None if that cannot be shown."""
        return self._timeline

    @property
    def size_bytes(self) -> int:
        """About how much memory the run takes."""
        timeline = self._timeline
        columns = 0 if timeline is None else timeline.size_bytes
        return columns + sum(len(line.text) + LINE_BYTES for line in self.log)

    def stop(self) -> None:
        """End the run now; one that has ended stays as it is."""
        with self._lock:
            if self.ended.is_set():
                return
            if self.error is None:
                self.error = RunStopped()
            process, turn = self._process, self._turn
        if process is not None:
            _close(process.stdin)
        elif turn is not None and self._turns.withdraw(turn):
            self._finish()

    def evict(self) -> None:
        """Forget what the run recorded, and say so: others need the room."""
        self.error = ResultEvicted()
        self._timeline = None
        self.log = []

    def _begin(self, turn: Turn) -> None:
        self._turn = turn
        self.waited_s = time.monotonic() - self._asked_s
        try:
            threading.Thread(target=self._conduct, args=(turn,), daemon=True).start()
        except RuntimeError as error:  # no more threads
            self._fail(error)
            self._turns.end(turn)
            self._finish()

    def _conduct(self, turn: Turn) -> None:
        speak(self._language)  # errors that are met here are read by whoever asked
        try:
            self._run()
        except (OSError, RuntimeError) as error:  # no more processes, or threads
            self._fail(error)
        finally:
            self._turns.end(turn)
            self._finish()

    def _finish(self) -> None:
        self._ended_s = time.monotonic()
        try:
            self._on_end(self)
        finally:
            self.ended.set()

    def _fail(self, error: Exception) -> None:
        why = refusal(error)
        self.error = self.error or RunFailed(why.kind, said(why))

    def _run(self) -> None:
        with tempfile.TemporaryDirectory(prefix="loopscope-", ignore_cleanup_errors=True) as folder:
            with self._lock:
                if self.error is not None:
                    return
                self._process = process = _supervisor()
            self.began_s = time.monotonic()
            watching = threading.Timer(
                _limit_s() + END_LIMIT_S, kill_with_descendants, [process.pid, ENDING_S]
            )
            watching.daemon = True
            watching.start()
            try:
                # it has ended before it was asked, or is stopped meanwhile, which closes its input
                with suppress(BrokenPipeError, ValueError):
                    assert process.stdin is not None
                    process.stdin.write(order_of(self.code, folder).line())
                    process.stdin.flush()
                self._follow(process)
            finally:
                watching.cancel()
                with self._lock:
                    _close(process.stdin)
                _close(process.stdout)
                _end(process, Path(folder))

    def _follow(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        while line := process.stdout.readline(MOST_LINE_BYTES):
            try:
                told: Any = json.loads(line)
                if not isinstance(told, dict):
                    raise TypeError(told)  # noqa: TRY301 - as all else that is no line of ours
                self._take_lines(told.get("lines", ()))
                if "status" in told:
                    self._take_end(told, process.stdout.read(LIMITS.upload_mb * MB))
                    return
            except (ValueError, TypeError, LookupError):
                self.error = self.error or FramesGarbled()
                return
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_S)
        status = KILLED if process.returncode is None else process.returncode
        self.error = self.error or ChildLost(status)

    def _take_lines(self, lines: Iterable[tuple[int, str]]) -> None:
        """Take in what was printed; from a supervisor it is no more than this."""
        self.log += [LogLine(at_ns=int(at_ns), text=str(text)) for at_ns, text in lines]
        if len(self.log) > MAX_LOG_LINES:
            raise ValueError(len(self.log))

    def _take_end(self, told: dict[str, Any], recording: bytes) -> None:
        ends: dict[str, LoopscopeError] = {
            "time": TimeLimitReached(_limit_s()),
            "processes": TooManyProcesses(LIMITS.processes),
            "stopped": RunStopped(),
        }
        why = told["why"]
        if why is None:
            self.failure = failure_of(int(told["status"]), list(map(str, told["errors"])))
        else:
            self.error = self.error or ends[why]
        try:
            self._timeline = _timeline(recording, self.log, int(told["dropped"]))
        except BadFile as error:
            self.error = self.error or error


MOST_LINE_BYTES = (LINES_AT_ONCE + LAST_LINES) * (6 * MAX_LINE_BYTES + LINE_BYTES)
"""Of a line from the supervisor: JSON writes a letter as six, if not as itself."""


def order_of(code: str, folder: str) -> Order:
    """Return what the supervisor is asked for: the code, with the limits of measured runs."""
    return Order(
        code=code,
        folder=folder,
        limit_s=_limit_s(),
        processes=LIMITS.processes,
        threads=LIMITS.threads,
        memory_mb=LIMITS.memory_mb,
        open_files=LIMITS.open_files,
        file_mb=LIMITS.upload_mb,
    )


def _limit_s() -> float:
    return LIMITS.ideal_wall_s


def _supervisor() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own module; the code goes to it by its input
        [sys.executable, "-m", MODULE],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        **apart(),
    )


def _end(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """End a supervisor and the code, also where the code has made that difficult.

    By now its input is closed, so that it ends the code by itself. If it does not, or the code has
    killed it, what is left is found below it and in its folder.
    """
    with suppress(subprocess.TimeoutExpired):
        process.wait(ENDING_S)
    if process.returncode is None:  # once it is waited for, its id may be another's
        kill_with_descendants(process.pid, ENDING_S)
    if process.returncode != 0:
        for pid in working_in(folder.resolve()):
            kill(pid)
    process.wait()


def _close(stream: Any) -> None:
    with suppress(OSError):  # what was not sent cannot be
        stream.close()


def _timeline(recording: bytes, log: list[LogLine], dropped_lines: int) -> Timeline | None:
    """Return what was recorded, with what was printed; None if the recorder never began.

    Raises:
        BadFile: If the recording is damaged, as the code may have done, or too large.
    """
    if not recording:
        return None
    (timeline,) = load_in_turn(recording, allowed_bytes())
    started_ns = _started_ns(recording)
    lines = tuple(replace(line, at_ns=max(0, line.at_ns - started_ns)) for line in log)
    return replace(timeline, log=lines, dropped_lines=dropped_lines)


def _started_ns(recording: bytes) -> int:
    """Return when a recording that has been read began."""
    file = io.BytesIO(recording)
    file.seek(len(MAGIC))
    _tag, content = next(blocks(file, MB))
    return int(json.loads(content)["started_ns"])
