"""How a request to a service can fail: one class a situation, each with one line that says why.

Libraries describe the same situation in different words, or in none at all. These are raised from
what they raised, so that jobs of both kinds fail in the same words.
"""

import errno
import functools
import inspect
import os
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from core.recording.errors import RECORDING_ERRORS, VALUES, NoMoreThreads, Value
from core.recording.recorder import JobError
from core.text.language import LazyText, Text, lazy


class ServiceFailure(Exception):
    """A job could not have from its service what it asked for; the message says why.

    It holds the values that are particular to it, and makes its sentence of them when it is read.
    Recording takes them along under `VALUES`, so that the same can be done where a run is shown.
    """

    sentence: ClassVar[LazyText]

    def __init__(self, **values: Value) -> None:
        super().__init__()
        setattr(self, VALUES, values)

    def __str__(self) -> str:
        return str(self.sentence.with_values(**getattr(self, VALUES)))


class NobodyListens(ServiceFailure):
    """No server listens at the address."""

    sentence = lazy("nobody listens at {address}")


class NoAnswer(ServiceFailure):
    """The time-out passed."""

    sentence = lazy("no answer within {limit:g} s")


class TooManyOpenFiles(ServiceFailure):
    """The process may open no more files, of which each connection is one."""

    sentence = lazy(
        "this process may open no more files: use fewer connections, or raise `ulimit -n`"
    )
    where_limited = lazy(
        "a run may open {limit_files:,} files on this server: use fewer connections or workers"
    )

    def __str__(self) -> str:
        values = getattr(self, VALUES)
        return str((self.where_limited if values else self.sentence).with_values(**values))


class Disconnected(ServiceFailure):
    """The server closed the connection before it had answered."""

    sentence = lazy("the server closed the connection before it had answered")


class BadStatus(ServiceFailure):
    """The server answered that it did not do what was asked."""

    sentence = lazy("the server answered {status} {reason}")


class RefusedByServer(ServiceFailure):
    """The server says in its own words why it did not do what was asked."""

    sentence = lazy("the server says: {words}")


class TooManyConnections(RefusedByServer):
    """The server takes no more connections."""


class LoginRefused(RefusedByServer):
    """The server does not let this user in."""


class QueryFailed(RefusedByServer):
    """The database could not do what was asked."""


FAILURES = {
    each.__name__: each
    for each in (
        *(NobodyListens, NoAnswer, TooManyOpenFiles, Disconnected, BadStatus),
        *(TooManyConnections, LoginRefused, QueryFailed),
    )
}


NO_NEW_THREAD = "can't start new thread"
"""Source: `thread_PyThread_start_new_thread` in CPython's `Modules/_threadmodule.c`, 3.11 to 3.15.
It has no error of its own."""
NO_MORE_MEMORY = lazy("there is no more memory")
MEMORY_LIMIT_MET = lazy("a run may use {limit_mb:,} MB on this server")


def out_of_memory(limit_mb: int | None) -> JobError:
    """Return what is recorded where Python itself gives no message: the limit of a run, if any."""
    values: dict[str, Value] = {} if limit_mb is None else {"limit_mb": limit_mb}
    message = NO_MORE_MEMORY.source if limit_mb is None else MEMORY_LIMIT_MET.source
    return JobError(
        kind=MemoryError.__name__, message=message.format(**values), values=tuple(values.items())
    )


SENTENCES: dict[str, tuple[LazyText, ...]] = {
    **{name: (failure.sentence,) for name, failure in FAILURES.items()},
    TooManyOpenFiles.__name__: (TooManyOpenFiles.sentence, TooManyOpenFiles.where_limited),
    **{error.__name__: tuple(map(lazy, error.sentences)) for error in RECORDING_ERRORS},
    MemoryError.__name__: (NO_MORE_MEMORY, MEMORY_LIMIT_MET),
}
"""What a recorded error may say, by the name of its type."""


def said(error: JobError) -> Text:
    """Return what a recorded error says: in the reader's language, if the sentence is ours.

    Whatever a file or somebody's own exception of the same name holds, it is shown as it came
    unless it has just the values that a sentence of ours has places for.
    """
    values = dict(error.values)
    for sentence in SENTENCES.get(error.kind, ()):
        # Without values nothing but its words shows that a message is ours.
        if sentence.takes(values) and (values or sentence.source == error.message):
            return sentence.with_values(**values)
    return error.message


def failure_text(error: JobError) -> str:
    """Return what a recorded error says, as `said`, in this context's language."""
    return str(said(error))


Translate = Callable[[Exception, Any], ServiceFailure | None]
"""Returns what an error means, of the error and the job's plan; None if it is none of ours."""


def clear_errors(translate: Translate) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a job, a coroutine function or a plain one, fail in the words that `translate` finds."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(function):
            return _coroutine(function, translate)
        return _blocking(function, translate)

    return decorate


def _coroutine(function: Callable[..., Any], translate: Translate) -> Callable[..., Any]:
    @functools.wraps(function)
    async def clear(plan: Any, *rest: Any) -> object:
        try:
            return await function(plan, *rest)
        except Exception as error:
            _raise_clear(translate(error, plan), error)
            raise

    return clear


def _blocking(function: Callable[..., Any], translate: Translate) -> Callable[..., Any]:
    @functools.wraps(function)
    def clear(plan: Any, *rest: Any) -> object:
        try:
            return function(plan, *rest)
        except Exception as error:
            _raise_clear(translate(error, plan), error)
            raise

    return clear


def _raise_clear(clear: ServiceFailure | None, error: Exception) -> None:
    if clear is not None:
        raise clear from error


def common_failure(error: Exception, address: str, limit_s: float) -> ServiceFailure | None:
    """Return what an error means where the operating system or a time-out is its cause."""
    chain = list(causes(error))
    if any(_is(each, errno.EMFILE) or _is(each, errno.ENFILE) for each in chain):
        return TooManyOpenFiles()
    if any(_is(each, errno.ECONNREFUSED) for each in chain):
        return nobody_listens(address)
    if any(isinstance(each, TimeoutError) for each in chain):
        return no_answer(limit_s)
    if any(isinstance(each, ConnectionError) for each in chain):
        return disconnected()
    return None


def refusal(error: BaseException) -> JobError:
    """Return what is recorded of an error with which a run could not even begin, or not end.

    Where the system has refused something, that is what it says, with what limits it.
    """
    code = error.errno if isinstance(error, OSError) else None
    if code in {errno.EMFILE, errno.ENFILE}:
        return JobError.of(TooManyOpenFiles())
    if code == errno.EAGAIN or (isinstance(error, RuntimeError) and str(error) == NO_NEW_THREAD):
        return JobError.of(NoMoreThreads(reason=os.strerror(code) if code else str(error)))
    return JobError.of(error)


def nobody_listens(address: str) -> NobodyListens:
    """Return the failure of a request to an address at which there is no server."""
    return NobodyListens(address=address)


def no_answer(limit_s: float) -> NoAnswer:
    """Return the failure of a request that took longer than `limit_s` seconds."""
    return NoAnswer(limit=limit_s)


def disconnected() -> Disconnected:
    """Return the failure of a request whose connection was closed by the server."""
    return Disconnected()


def bad_status(status: int, reason: str) -> BadStatus:
    """Return the failure of a request that the server answered with an HTTP status of an error."""
    return BadStatus(status=status, reason=reason)


def failure_as_said(situation: type[RefusedByServer], said: str) -> ServiceFailure:
    """Return a failure in the words of the server: those after what stands before them.

    libpq writes `connection to server at ... failed: FATAL:  WORDS`, and hints on further lines.
    """
    return situation(words=said.strip().partition("\n")[0].rpartition("FATAL: ")[2].strip())


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it was raised from or while, the outermost first, each once."""
    met: set[int] = set()
    while error is not None and id(error) not in met:
        met.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is(error: BaseException, code: int) -> bool:
    """Return whether an error is one of the operating system's, by number or by words."""
    if isinstance(error, OSError) and error.errno == code:
        return True
    # asyncio puts the errors of several addresses into one without a number (`create_connection`,
    # 3.11 to 3.15), and libraries put the system's words into errors of their own.
    return f"[Errno {code}]" in str(error) or os.strerror(code) in str(error)
