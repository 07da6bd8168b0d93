"""Everything that can go wrong in a run: one class per situation, each builds its own sentence."""

from core.words import _


class LoopscopeError(Exception):
    """The base of every error that Loopscope raises for its user to read."""


class BadValue(LoopscopeError):
    """A setting is outside of what is allowed."""

    def __init__(self, name: str, given: object, allowed: str) -> None:
        """Build the sentence `NAME is GIVEN; ALLOWED`.

        Args:
            name: The setting, as it is written on the command line.
            given: What was given; shown shortened, as `repr` shows it unless it is a number.
            allowed: A clause in the reader's language, such as `it must be at least 1`.
        """
        self.name = name
        super().__init__(
            _("{name} is {given}; {allowed}").format(
                name=name, given=_shown(given), allowed=allowed
            )
        )


class BadFile(LoopscopeError):
    """A run file cannot be read."""

    def __init__(self, place: str, problem: str) -> None:
        """Build the sentence `PLACE: PROBLEM`.

        Args:
            place: The key, such as `jobs[3].spans[1].end_ns`, or the line; empty for the whole.
            problem: What is wrong there; it may hold texts of the file, so it is kept to one line.
        """
        self.place = place
        line = f"{place}: {problem}" if place else problem
        letters = "".join(letter if letter.isprintable() else " " for letter in line)
        super().__init__(
            letters if len(letters) <= MOST_CHARACTERS else f"{letters[: MOST_CHARACTERS - 1]}…"
        )


class TooLong(LoopscopeError):
    """A run is refused because even its ideal schedule takes too long."""

    def __init__(self, pattern: str, predicted_s: float, limit_s: float, why: str = "") -> None:
        """Name the pattern, the time it would take and the limit, both in seconds.

        `why` is the clause that gives the reason for the limit, if there is one.
        """
        self.predicted_s = predicted_s
        limit = ", ".join(filter(None, (f"{limit_s:,.0f} s", why)))
        super().__init__(
            _(
                "{pattern} would take {predicted:,.1f} s at best; the limit is {limit}. "
                "Use fewer tasks or a shorter sleep"
            ).format(pattern=pattern, predicted=predicted_s, limit=limit)
        )


class RunEndedEarly(LoopscopeError):
    """A run ended before its pattern returned; what it recorded until then is kept."""


class RunStopped(RunEndedEarly):
    """Somebody pressed Stop, or a new run took the place of this one."""

    def __init__(self) -> None:
        """Say that the run was stopped."""
        super().__init__(_("the run was stopped"))


class TimeLimitReached(RunEndedEarly):
    """The run took far longer than its ideal schedule."""

    def __init__(self, limit_s: float) -> None:
        """Name the limit in seconds."""
        super().__init__(
            _("the run was ended after {limit:,.1f} s, its time limit").format(limit=limit_s)
        )


class ChildLost(RunEndedEarly):
    """The measuring process ended without a word, for example by `kill -9`."""

    def __init__(self, exit_code: int) -> None:
        """Name the exit code; a negative one is the number of a signal."""
        self.exit_code = exit_code
        what = (
            _("signal {number}").format(number=-exit_code)
            if exit_code < 0
            else _("exit code {number}").format(number=exit_code)
        )
        super().__init__(
            _("the measuring process ended unexpectedly ({what}); run again").format(what=what)
        )


class RunFailed(LoopscopeError):
    """The measuring process could not carry the run out, for example for lack of threads."""

    def __init__(self, kind: str, message: str) -> None:
        """Name the type and the message of the exception that the process met."""
        super().__init__(
            _("the run could not be carried out: {kind}: {message}").format(
                kind=kind, message=message
            )
        )


class ServiceUnavailable(LoopscopeError):
    """Something that a run needs outside of its process cannot be had."""

    def __init__(self, name: str, reason: str, cure: str) -> None:
        """Build the sentence `NAME cannot be used: REASON; CURE`.

        Args:
            name: What cannot be had, such as `the HTTP server`.
            reason: Why not, in the words of who refused it.
            cure: What to do about it.
        """
        self.reason = reason
        super().__init__(
            _("{name} cannot be used: {reason}; {cure}").format(name=name, reason=reason, cure=cure)
        )


class ServerFull(LoopscopeError):
    """Too many runs of others wait for their turn already."""

    def __init__(self, most: int) -> None:
        """Name how many may wait."""
        super().__init__(
            _(
                "this server is full: {most:,} runs wait for their turn already, which is its "
                "limit; try again in a moment"
            ).format(most=most)
        )


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
