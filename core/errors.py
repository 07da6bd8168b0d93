"""Everything that can go wrong in a run: one class per situation, each builds its own sentence.

The sentence is made when it is read, in the reader's language: an error may be met in a thread that
speaks none, and be shown again after its reader has changed the language.

At the end stand the checks of values that come from outside. Each returns a good value and raises
`BadValue` for any other; `name` is that of the setting as the command line writes it.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from core.text.language import Text, _, lazy
from core.text.legible import legible


class Role(StrEnum):
    """What a process is for a run."""

    CHILD = "measuring process"
    POOL = "pool worker"
    HTTP = "web server"
    KEEPER = "keeper of PostgreSQL"
    POSTMASTER = "postmaster"
    BACKEND = "PostgreSQL backend"
    SCHEDULER = "Dask scheduler"
    DASK_WORKER = "Dask worker"


@dataclass(frozen=True, slots=True)
class Stuck:
    """A process that stands still or does not answer."""

    role: Role
    pid: int


class LoopscopeError(Exception):
    """The base of every error that Loopscope raises for its user to read."""


class BadValue(LoopscopeError):
    """A setting is outside of what is allowed: `NAME is GIVEN; ALLOWED`."""

    def __init__(self, name: Text, given: object, allowed: Text) -> None:
        """Say which value of what is meant.

        Args:
            name: The setting, as it is written on the command line.
            given: What was given; shown shortened, as `repr` shows it unless it is a number.
            allowed: A clause such as `it must be at least 1`.
        """
        super().__init__(name, given, allowed)
        self.name = name
        self.given = _shown(given)
        self.allowed = allowed

    def __str__(self) -> str:
        text = _("{name} is {given}; {allowed}")
        return text.format(name=self.name, given=self.given, allowed=self.allowed)


class BadFile(LoopscopeError):
    """A run file cannot be read: `PLACE: PROBLEM`."""

    def __init__(self, place: Text, problem: Text | LoopscopeError) -> None:
        """Say where what is wrong.

        Args:
            place: The key, such as `jobs[3].spans[1].end_ns`, the line, or the file; empty for the
                whole.
            problem: What is wrong there; it may hold texts of the file, so it is shown in one line.
        """
        super().__init__(place, problem)
        self.place = place
        self.problem = problem

    def __str__(self) -> str:
        parts = filter(None, (str(self.place), str(self.problem)))
        letters = legible(": ".join(parts))
        return letters if len(letters) <= MOST_CHARACTERS else f"{letters[: MOST_CHARACTERS - 1]}…"


class BadUsage(LoopscopeError):
    """The command line cannot be read."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        text = _("{message}; `python -m core --help` says what is allowed")
        return text.format(message=self.message)


class NoOutput(LoopscopeError):
    """There is nowhere to write to."""

    def __str__(self) -> str:
        return _("standard output is closed; write to a file, or open it")


class TooLong(LoopscopeError):
    """A run is refused because even its ideal schedule takes too long, or what it may take does."""

    def __init__(
        self,
        pattern: str,
        predicted_s: float,
        limit_s: float,
        why: Text = "",
        *,
        at_most: bool = False,
    ) -> None:
        """Name the pattern, the time it would take and the limit, both in seconds.

        `why` is the clause that gives the reason for the limit, if there is one; `at_most` says
        that the time is an upper bound, as the pattern has no ideal.
        """
        super().__init__(pattern, predicted_s, limit_s, why)
        self.at_most = at_most
        self.pattern = pattern
        self.predicted_s = predicted_s
        self.limit_s = limit_s
        self.why = why

    def __str__(self) -> str:
        limit = ", ".join(
            filter(None, (_("{limit:,.0f} s").format(limit=self.limit_s), str(self.why)))
        )
        text = (
            _(
                "{pattern} could take up to {predicted:,.1f} s; the limit is {limit}. "
                "Use fewer tasks or a shorter sleep"
            )
            if self.at_most
            else _(
                "{pattern} would take {predicted:,.1f} s at best; the limit is {limit}. "
                "Use fewer tasks or a shorter sleep"
            )
        )
        return text.format(pattern=self.pattern, predicted=self.predicted_s, limit=limit)


class PythonTooOld(LoopscopeError):
    """A pattern uses what this version of Python does not have."""

    def __init__(self, pattern: str, least: str, here: str) -> None:
        """Name the pattern, the first version that has it all, and the one that runs."""
        super().__init__(pattern, least, here)
        self.pattern = pattern
        self.least = least
        self.here = here

    def __str__(self) -> str:
        text = _("{pattern} needs Python {least} or newer; this is Python {here}")
        return text.format(pattern=self.pattern, least=self.least, here=self.here)


class RunEndedEarly(LoopscopeError):
    """A run ended before its pattern returned; what it recorded until then stays."""


class RunStopped(RunEndedEarly):
    """Somebody pressed Stop, or a new run took the place of this one."""

    def __str__(self) -> str:
        return _("the run was stopped")


class TimeLimitReached(RunEndedEarly):
    """The run took far longer than its ideal schedule."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(limit_s)
        self.limit_s = limit_s

    def __str__(self) -> str:
        text = _("the run was ended after {limit:,.1f} s, its time limit")
        return text.format(limit=self.limit_s)


class ProcessStuck(TimeLimitReached):
    """The run took far longer than its ideal schedule, as a process that it needs stood still.

    Attributes:
        stuck: The process.
    """

    def __init__(self, limit_s: float, stuck: Stuck) -> None:
        super().__init__(limit_s)
        self.args = (limit_s, stuck)
        self.stuck = stuck

    def __str__(self) -> str:
        text = _("{ended}: {what} (process {pid}) stood still, as after SIGSTOP; run again")
        what = _role_text(self.stuck.role)
        return text.format(ended=super().__str__(), what=what, pid=self.stuck.pid)


def _role_text(role: Role) -> str:
    return {
        Role.CHILD: _("the measuring process"),
        Role.POOL: _("a process of the pool"),
        Role.HTTP: _("the HTTP server"),
        Role.KEEPER: _("the process that keeps PostgreSQL"),
        Role.POSTMASTER: _("the embedded PostgreSQL"),
        Role.BACKEND: _("a backend of the embedded PostgreSQL"),
        Role.SCHEDULER: _("the Dask scheduler of this machine"),
        Role.DASK_WORKER: _("a Dask worker of this machine"),
    }[role]


class ChildLost(RunEndedEarly):
    """The measuring process ended without a word, for example by `kill -9`."""

    def __init__(self, exit_code: int) -> None:
        """Name the exit code; a negative one is the number of a signal."""
        super().__init__(exit_code)
        self.exit_code = exit_code

    def __str__(self) -> str:
        what = _("signal {number}") if self.exit_code < 0 else _("exit code {number}")
        text = _("the measuring process ended unexpectedly ({what}); run again")
        return text.format(what=what.format(number=abs(self.exit_code)))


class FramesGarbled(RunEndedEarly):
    """What came from the measuring process was no recording, or more than a run can record.

    A program that writes to descriptors which it has not opened may write into the recording.
    """

    def __str__(self) -> str:
        return _("the measuring process sent what is no recording, so it was ended; run again")


class ZygoteLost(ChildLost):
    """The zygote, from which measuring processes are forked, was lost, and its processes with it.

    Attributes:
        pid: The zygote's id.
        was_stuck: Whether it was killed because it did not answer, as after SIGSTOP.
    """

    def __init__(self, pid: int, *, was_stuck: bool) -> None:
        super().__init__(-9)
        self.args = (pid, was_stuck)
        self.pid = pid
        self.was_stuck = was_stuck

    def __str__(self) -> str:
        if self.was_stuck:
            text = _(
                "the process that forks the measuring processes (zygote, {pid}) did not answer and "
                "was replaced, and the run ended with it; run again"
            )
        else:
            text = _(
                "the process that forks the measuring processes (zygote, {pid}) ended "
                "unexpectedly, and the run with it; run again"
            )
        return text.format(pid=self.pid)


class ResultEvicted(LoopscopeError):
    """The result of a run was dropped, as finished runs took too much memory together."""

    def __str__(self) -> str:
        return _("this result was dropped to free memory; run again")


class RunFailed(LoopscopeError):
    """The measuring process could not carry the run out, for example for lack of threads."""

    def __init__(self, kind: str, message: Text) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message

    def __str__(self) -> str:
        text = _("the run could not be carried out: {kind}: {message}")
        return text.format(kind=self.kind, message=self.message)


class ServiceUnavailable(LoopscopeError):
    """What a run needs outside of it cannot be had: `NAME cannot be used: REASON; CURE`."""

    def __init__(self, name: Text, reason: Text | Exception, cure: Text) -> None:
        """Say what is meant.

        Args:
            name: What cannot be had, such as `the HTTP server`.
            reason: Why not, in the words of who refused it.
            cure: What to do about it.
        """
        super().__init__(name, reason, cure)
        self.name = name
        self.reason = reason
        self.cure = cure

    def __str__(self) -> str:
        text = _("{name} cannot be used: {reason}; {cure}")
        reason = str(self.reason).rstrip(".")  # in Korean a full stop follows
        return text.format(name=self.name, reason=reason, cure=self.cure)


class ServerFull(LoopscopeError):
    """Too many runs of others wait for their turn already."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def __str__(self) -> str:
        return _(
            "this server is full: {most:,} runs wait for their turn already, which is its "
            "limit; try again in a moment"
        ).format(most=self.most)


SHOWN_CHARACTERS = 60
MOST_CHARACTERS = 300


def _shown(given: object) -> str:
    if isinstance(given, int) and given.bit_length() > SHOWN_BITS:
        text = hex(given)
    elif isinstance(given, int | float):
        text = str(given)
    else:
        text = repr(given)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


SHOWN_BITS = 10_000
"""Python writes no integer of more than 4,300 decimal digits, which are 14,284 bits."""


def check_one_of(name: Text, given: object, allowed: tuple[str, ...]) -> str:
    """Return a word that is one of those allowed."""
    if isinstance(given, str) and given in allowed:
        return str(given)
    raise BadValue(
        name, given, lazy("it must be one of {names}", names=", ".join(map(str, allowed)))
    )


def check_whole(name: str, given: object, *, most: float, why: Text) -> int:
    """Return a whole number from 1 to `most`; `why` is the clause that gives the reason."""
    if not isinstance(given, int) or isinstance(given, bool):
        raise BadValue(name, given, lazy("it must be a whole number"))
    if given < 1:
        raise BadValue(name, given, lazy("it must be at least 1"))
    if given > most:
        allowed = lazy("it must be at most {most:,}, {why}", most=most, why=why)
        raise BadValue(name, given, allowed)
    return given


def check_seconds(name: str, given: object, *, most: float, why: Text) -> float:
    """Return a number of seconds from 0 to `most`; `why` is the clause that gives the reason."""
    if (
        isinstance(given, bool)
        or not isinstance(given, int | float)
        or (isinstance(given, float) and math.isnan(given))
    ):
        raise BadValue(name, given, lazy("it must be a number of seconds"))
    if given < 0:
        raise BadValue(name, given, lazy("it must be at least 0 seconds"))
    if given > most:
        allowed = lazy("it must be at most {most:g} seconds, {why}", most=most, why=why)
        raise BadValue(name, given, allowed)
    return float(given)


def check_share(name: str, given: object) -> float:
    """Return a share from 0 to 1."""
    if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 1:
        return float(given)
    raise BadValue(name, given, lazy("it must be a share from 0 to 1"))
