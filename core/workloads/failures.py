"""How a request to a service can fail: one class a situation, each with one line that says why.

Libraries tell the same situation in different words, or in none at all. These are raised from what
they raised, so that jobs of both kinds fail in the same words. A measuring child speaks English,
and so do run files; `retold` gives the words to somebody who reads another language.
"""

import errno
import functools
import inspect
import os
import re
from collections.abc import Callable, Iterator
from contextvars import Context
from string import Formatter
from typing import Any

from core.text.language import _


class ServiceFailure(Exception):
    """A job could not have from its service what it asked for; the message says why."""


class NobodyListens(ServiceFailure):
    """No server listens at the address."""


class NoAnswer(ServiceFailure):
    """The time-out passed."""


class TooManyOpenFiles(ServiceFailure):
    """The process may open no more files, of which each connection is one."""


class Disconnected(ServiceFailure):
    """The server closed the connection before it had answered."""


class BadStatus(ServiceFailure):
    """The server answered that it did not do what was asked."""


class TooManyConnections(ServiceFailure):
    """The server takes no more connections."""


class LoginRefused(ServiceFailure):
    """The server does not let this user in."""


class QueryFailed(ServiceFailure):
    """The database could not do what was asked."""


Tell = Callable[[Exception, Any], ServiceFailure | None]
"""Returns what an error means, of the error and the job's plan; None if it is none of ours."""


def clear_errors(tell: Tell) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a job, a coroutine function or a plain one, fail in the words that `tell` finds."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(function):
            return _coroutine(function, tell)
        return _blocking(function, tell)

    return decorate


def _coroutine(function: Callable[..., Any], tell: Tell) -> Callable[..., Any]:
    @functools.wraps(function)
    async def told(plan: Any, *rest: Any) -> object:
        try:
            return await function(plan, *rest)
        except Exception as error:
            _raise_clear(tell(error, plan), error)
            raise

    return told


def _blocking(function: Callable[..., Any], tell: Tell) -> Callable[..., Any]:
    @functools.wraps(function)
    def told(plan: Any, *rest: Any) -> object:
        try:
            return function(plan, *rest)
        except Exception as error:
            _raise_clear(tell(error, plan), error)
            raise

    return told


def _raise_clear(clear: ServiceFailure | None, error: Exception) -> None:
    if clear is not None:
        raise clear from error


def common_failure(error: Exception, address: str, limit_s: float) -> ServiceFailure | None:
    """Return what an error means where the operating system or a time-out is its cause."""
    chain = list(causes(error))
    if any(_is(each, errno.EMFILE) or _is(each, errno.ENFILE) for each in chain):
        return TooManyOpenFiles(_sentences()[TooManyOpenFiles])
    if any(_is(each, errno.ECONNREFUSED) for each in chain):
        return nobody_listens(address)
    if any(isinstance(each, TimeoutError) for each in chain):
        return no_answer(limit_s)
    if any(isinstance(each, ConnectionError) for each in chain):
        return disconnected()
    return None


def nobody_listens(address: str) -> NobodyListens:
    """Return the failure of a request to an address at which there is no server."""
    return NobodyListens(_sentences()[NobodyListens].format(address=address))


def no_answer(limit_s: float) -> NoAnswer:
    """Return the failure of a request that took longer than `limit_s` seconds."""
    return NoAnswer(_sentences()[NoAnswer].format(limit=limit_s))


def disconnected() -> Disconnected:
    """Return the failure of a request whose connection was closed by the server."""
    return Disconnected(_sentences()[Disconnected])


def bad_status(status: int, reason: str) -> BadStatus:
    """Return the failure of a request that the server answered with an HTTP status of an error."""
    return BadStatus(_sentences()[BadStatus].format(status=status, reason=reason))


def failure_as_said(situation: type[ServiceFailure], said: str) -> ServiceFailure:
    """Return a failure in the words of the server: those after what stands before them.

    libpq writes `connection to server at ... failed: FATAL:  WORDS`, and hints on further lines.
    """
    words = said.strip().partition("\n")[0].rpartition("FATAL: ")[2].strip()
    return situation(_sentences()[situation].format(words=words))


def _sentences() -> dict[type[ServiceFailure], str]:
    """Return what each situation is told by, with places for what is particular to it."""
    said = _("the server says: {words}")
    return {
        NobodyListens: _("nobody listens at {address}"),
        NoAnswer: _("no answer within {limit:g} s"),
        TooManyOpenFiles: _(
            "this process may open no more files: use fewer connections, or raise `ulimit -n`"
        ),
        Disconnected: _("the server closed the connection before it had answered"),
        BadStatus: _("the server answered {status} {reason}"),
        TooManyConnections: said,
        LoginRefused: said,
        QueryFailed: said,
    }


def retold(kind: str, message: str) -> str:
    """Return an error's message in this context's language, if a failure of ours wrote it.

    Args:
        kind: The name of the error's type.
        message: What it says, in English; anybody else's words are returned as they are.
    """
    situation = next((each for each in _sentences() if each.__name__ == kind), None)
    if situation is None:
        return message
    found = _values(Context().run(_sentences)[situation], message)
    return message if found is None else _sentences()[situation].format(**found)


def _values(sentence: str, message: str) -> dict[str, str | float] | None:
    """Return what stands in the places of a sentence in a message; None if it is not of it."""
    parts = list(Formatter().parse(sentence))
    form = "".join(
        re.escape(text) + (f"(?P<{name}>.*)" if name else "") for text, name, _form, _how in parts
    )
    found = re.fullmatch(form, message, re.DOTALL)
    if found is None:
        return None
    numbers = {name for _text, name, form, _how in parts if form}
    try:
        return {
            name: float(text) if name in numbers else text
            for name, text in found.groupdict().items()
        }
    except ValueError:
        return None


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
    return f"[Errno {code}]" in str(error) or os.strerror(code) in str(error)
