"""Texts of the program's own objects: bounded, and made without letting the program notice.

Making a text may run the program's code (`__str__`, `__repr__`), which may raise anything. While
the program runs, only an error's own `__str__` is called, since the error is gone a moment later.
What a job returned is retained as it is if it is small and of a type of Python's own, as a text if
it is large, and by a weak reference otherwise, so that it is freed when the program drops it.
"""

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from opcode import opmap
from pathlib import PurePath
from types import CoroutineType, GeneratorType
from typing import Any

from .errors import MAX_VALUES, VALUES, Value

MAX_RESULT_CHARACTERS = 200
MAX_NAME = 200
MAX_MESSAGE_CHARACTERS = 1_000
MOST_EXACT = 2**53
MAX_INTEGER_BITS = 660
"""About 200 digits; from 640 digits on Python may be set to refuse to write them."""
MAX_INTEGER = (1 << MAX_INTEGER_BITS) - 1
REPR_LIMIT_S = 1.0
"""How long the program's own `__repr__` may take for all results together."""

LEFT_OUT = "…"
NO_MESSAGE = "<exception str() failed>"
"""What Python itself writes in tracebacks."""

_LEAVES = (bool, type(None), float, complex, range, type(...), type(NotImplemented))
_TYPES_OF_THE_LIBRARY = {
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "time"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
    ("decimal", "Decimal"),
    ("fractions", "Fraction"),
    ("pathlib", "PosixPath"),
    ("pathlib", "WindowsPath"),
    ("uuid", "UUID"),
}
"""Packages and names of types whose `repr` runs code of Python's own only."""
_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
    dict: ("{", "}"),
}
_BASES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, lambda value: str.__getitem__(value, slice(MAX_MESSAGE_CHARACTERS))),
    (bytes, lambda value: bytes.__getitem__(value, slice(MAX_MESSAGE_CHARACTERS))),
    (int, int.__index__),
    (float, float.__float__),
    (tuple, lambda value: tuple(tuple.__iter__(value))),
)
"""Types whose subclasses mostly take no weak references, and how to read those as the type."""

_RAISE = opmap["RAISE_VARARGS"]
_name_of_type = type.__dict__["__name__"].__get__
_arguments_of = BaseException.__dict__["args"].__get__


def type_name(kind: type) -> str:
    """Return the name of a type, whatever its metaclass makes of `__name__`."""
    name: str = _name_of_type(kind)
    return bounded(name, MAX_RESULT_CHARACTERS)


def bounded(text: str, most: int = MAX_RESULT_CHARACTERS) -> str:
    """Return a text of at most `most` characters: its beginning, and a mark if it is cut."""
    if type(text) is str and len(text) <= most:
        return text
    # of `str` itself, since a subclass may have its own
    part = str.__getitem__(text, slice(most + 1))
    return part if len(part) <= most else part[: most - 1] + LEFT_OUT


def coroutine_name(coroutine: Any) -> str:
    """Return the qualified name of what a task runs, bounded."""
    # an object of the program's own that is awaited like a coroutine is not asked for its name
    is_own = type(coroutine) is CoroutineType or type(coroutine) is GeneratorType
    return bounded(coroutine.__qualname__ if is_own else type_name(type(coroutine)), MAX_NAME)


def message_of(error: BaseException) -> str:
    """Return the message of an exception, bounded. It never raises."""
    try:
        # A large argument as the only one: `str` of it would be the text of all of it.
        only = error.args[0] if len(error.args) == 1 else None
        is_large = type(only) in _BRACKETS or type(only) in (int, bytes, bytearray)
        if is_large and type(error).__str__ is BaseException.__str__:
            return text_of(only, MAX_MESSAGE_CHARACTERS)
        return bounded(str(error), MAX_MESSAGE_CHARACTERS)
    except BaseException:  # noqa: BLE001 - the program's `__str__` may raise anything
        return NO_MESSAGE


def values_of(error: BaseException) -> tuple[tuple[str, Value], ...]:
    """Return the values that an exception's message was made of, bounded. It never raises."""
    try:
        found = error.__dict__.get(VALUES)
    except BaseException:  # noqa: BLE001 - the program's class may make anything of `__dict__`
        return ()
    if type(found) is not dict or len(found) > MAX_VALUES:
        return ()
    return tuple(
        (name, bounded(value, MAX_MESSAGE_CHARACTERS) if type(value) is str else value)
        for name, value in found.items()
        if type(name) is str and (type(value) is str or _is_plain_number(value))
    )


def _is_plain_number(value: object) -> bool:
    """Return whether JSON has a number for a value: neither nan nor one of any size."""
    return type(value) in (int, float) and -MOST_EXACT < value < MOST_EXACT  # type: ignore[operator]


def failure_text(error: BaseException) -> str:
    """Return in which line of which file an error was raised, and what it says."""
    where = ""
    frame = error.__traceback__
    # the last entry is where it was raised
    while frame is not None:
        where = f" ({PurePath(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno})"
        frame = frame.tb_next
    return f"{type_name(type(error))}: {message_of(error)}{where}"


def was_raised(error: GeneratorExit) -> bool:
    """Return whether code raised this itself; otherwise its coroutine was closed or freed.

    Then it comes up where the coroutine was suspended, at no instruction that raises.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_code[trace.tb_lasti] == _RAISE


class Remnant(weakref.ref[Any]):
    """What is retained of a result that may be freed: a weak reference, and what it was."""

    __slots__ = ("type_name",)

    type_name: str


def retained(value: Any) -> object:
    """Return what is retained of a result: itself if it is small, a text, or a `Remnant`."""
    kind = type(value)
    if kind is int and -MAX_INTEGER <= value <= MAX_INTEGER:
        return value
    # Of exactly these types: nothing of the program's runs, and nothing that it changes later.
    if kind is str:
        return value if len(value) <= MAX_RESULT_CHARACTERS else bounded(value)
    if kind in _LEAVES:
        return value
    if issubclass(kind, str):
        return bounded(value)
    try:
        remnant = Remnant(value)
    except TypeError:  # numbers, containers, exceptions, slots: nothing refers to them weakly
        return text_of(value)
    remnant.type_name = type_name(kind)
    return remnant


Other = Callable[[Any], str]
"""Returns the text of an object that is not of Python's own types."""


def unseen(value: Any) -> str:
    """Return what is said of an object whose `__repr__` is not to be run."""
    return f"<{type_name(type(value))} object>"


def as_it_says(value: Any) -> str:
    """Return what the `__repr__` of an object says, bounded; it may be the program's own."""
    try:
        return bounded(repr(value))
    except BaseException:  # noqa: BLE001 - it may raise anything
        return unseen(value)


def text_of(value: Any, most: int = MAX_RESULT_CHARACTERS, other: Other = unseen) -> str:
    """Return what `repr` says of an object, bounded; what is not of Python's own by `other`.

    Of a large container only the beginning is looked at.
    """
    room, parts = most, []
    try:
        for part in _parts(value, most, other):
            parts.append(part)
            room -= len(part)
            # parts come one by one, so what is beyond is never made
            if room < 0:
                break
    except RuntimeError:  # a set that another thread changes; a recursion
        return unseen(value)
    return bounded("".join(parts), most)


def _parts(value: Any, most: int, other: Other) -> Iterator[str]:
    kind = type(value)
    if kind in (str, bytes, bytearray):
        yield repr(value[: most + 1])
    elif kind is int and value.bit_length() > MAX_INTEGER_BITS:
        yield f"<int of {value.bit_length():,} bits>"
    elif kind is int or kind in _LEAVES or _is_of_the_library(kind):
        yield repr(value)
    elif kind in _BRACKETS:
        yield from _parts_of_items(value, most, other)
    elif issubclass(kind, BaseException) and kind.__repr__ is BaseException.__repr__:
        yield type_name(kind)
        yield from _separated(_arguments_of(value), ("(", ")"), most, other)
    elif other is unseen and (plain := _plain(value)) is not None:
        yield type_name(kind)
        yield from _separated(plain if type(plain) is tuple else (plain,), ("(", ")"), most, other)
    else:
        yield other(value)


def _is_of_the_library(kind: type) -> bool:
    module = kind.__module__ if type(kind) is type else ""
    return (module.partition(".")[0], _name_of_type(kind)) in _TYPES_OF_THE_LIBRARY


def _plain(value: Any) -> Any:
    kind = type(value)
    return next((read(value) for base, read in _BASES if issubclass(kind, base)), None)


def _parts_of_items(items: Any, most: int, other: Other) -> Iterator[str]:
    kind = type(items)
    opening, closing = _BRACKETS[kind]
    if kind in (set, frozenset) and not items:
        yield f"{kind.__name__}()"
    elif kind is tuple and len(items) == 1:
        yield from _separated(items, (opening, f",{closing}"), most, other)
    elif kind is dict:
        yield opening
        for number, (key, value) in enumerate(items.items()):
            yield ", " if number else ""
            yield from _parts(key, most, other)
            yield ": "
            yield from _parts(value, most, other)
        yield closing
    else:
        yield from _separated(items, (opening, closing), most, other)


def _separated(
    items: Iterable[Any], brackets: tuple[str, str], most: int, other: Other
) -> Iterator[str]:
    yield brackets[0]
    for number, item in enumerate(items):
        yield ", " if number else ""
        yield from _parts(item, most, other)
    yield brackets[1]


def shown(value: Any, other: Other = as_it_says) -> str:
    """Return a result, or what was retained of it, as the page and the run file show it."""
    if type(value) is Remnant:
        alive = value()
        return f"<{value.type_name} object>" if alive is None else shown(alive, other)
    return bounded(value) if issubclass(type(value), str) else text_of(value, other=other)


def all_shown(values: Iterable[Any], limit_s: float = REPR_LIMIT_S) -> list[str]:
    """Return results as they are shown; the program's own `__repr__` has some time for all of them.

    Those for which none is left are shown as their types.
    """
    values = list(values)
    texts: list[str] = []
    making = threading.Thread(
        target=lambda: texts.extend(map(shown, values)), name="texts of results", daemon=True
    )
    # No thread for what is plain: its text takes no code of the program's.
    if all(type(value) in (str, int, *_LEAVES) for value in values):
        making.run()
    else:
        making.start()
        making.join(limit_s)
    # The thread may go on adding; what is there now is a beginning of the whole.
    made = texts[: len(values)]
    return made + [shown(value, unseen) for value in values[len(made) :]]
