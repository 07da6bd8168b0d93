"""Texts of errors and results: bounded, and without running the program's code meanwhile."""

import enum
import gc
import math
import threading
from collections import namedtuple
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.recording.errors import VALUES
from core.recording.recorder import JobError
from core.recording.texts import (
    MAX_MESSAGE_CHARACTERS,
    MAX_RESULT_CHARACTERS,
    NO_MESSAGE,
    all_shown,
    message_of,
    retained,
    shown,
    text_of,
    unseen,
    values_of,
)

Point = namedtuple("Point", "x y")  # noqa: PYI024 - the kind without annotations is used, too


class Colour(enum.IntEnum):
    RED = 1


class Speaking:
    """Counts how often its `__repr__` runs."""

    def __init__(self) -> None:
        self.asked = 0

    def __repr__(self) -> str:
        self.asked += 1
        return "speaking"


class Slotted:
    __slots__ = ()

    def __repr__(self) -> str:
        raise AssertionError


def raising(error: BaseException) -> type:
    """Return a class whose instances have no text."""

    def no_text(self: object) -> str:
        raise error

    return type("Bad", (Exception,), {"__str__": no_text, "__repr__": no_text})


builtin_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text(), inner)
        | st.sets(st.integers())
        | st.frozensets(st.text())
    ),
    max_leaves=12,
)


@given(builtin_values)
def test_what_is_of_pythons_own_types_reads_as_repr_says(value: object) -> None:
    text = repr(value)
    short = text_of(value)
    assert short == text if len(text) <= MAX_RESULT_CHARACTERS else text.startswith(short[:-1])


@pytest.mark.parametrize(
    "value",
    [
        ValueError("x"),
        KeyError(),
        OSError(2, "none"),
        date(2026, 11, 26),
        timedelta(1),
        Decimal("1.50"),
        ...,
        range(3),
        1 + 2j,
        frozenset(),
        {1: (2,)},
    ],
    ids=repr,
)
def test_values_of_the_standard_library_read_as_repr_says(value: object) -> None:
    assert shown(retained(value)) == shown(value) == repr(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("job 1", "job 1"),
        (None, "None"),
        (["a", 1], "['a', 1]"),
        ("x" * MAX_RESULT_CHARACTERS, "x" * MAX_RESULT_CHARACTERS),
        ("x" * 500, "x" * (MAX_RESULT_CHARACTERS - 1) + "…"),
        (10**5000, "<int of 16,610 bits>"),
        (-(10**5000), "<int of 16,610 bits>"),
        ([10**5000], "[<int of 16,610 bits>]"),
        (Point(1, 2), "Point(1, 2)"),
        (Colour.RED, "Colour(1)"),
        ([Slotted()], "[<Slotted object>]"),
        (Slotted(), "<Slotted object>"),
        (type("Name", (str,), {})("of a string"), "of a string"),
        (PurePosixPath("a"), "<PurePosixPath object>"),
    ],
    ids=lambda value: unseen(value) if not isinstance(value, str) else value[:20],
)
def test_a_result_is_kept_as_a_short_text_where_nothing_can_refer_to_it_weakly(
    value: object, text: str
) -> None:
    assert shown(retained(value), unseen) == text


def test_large_containers_are_not_gone_through() -> None:
    many = list(range(10_000_000))
    assert text_of(many).startswith("[0, 1, 2, ")
    assert len(text_of([many, many])) == MAX_RESULT_CHARACTERS
    assert len(text_of({"key": "x" * 10_000_000})) == MAX_RESULT_CHARACTERS


def test_a_container_within_itself_ends() -> None:
    inside: list[object] = []
    inside.append(inside)
    assert len(text_of(inside)) == MAX_RESULT_CHARACTERS


def test_keeping_a_result_runs_none_of_its_code_and_it_is_asked_at_the_end() -> None:
    value = Speaking()
    rest, inside = retained(value), retained([value])
    assert value.asked == 0
    assert (shown(rest), shown(inside)) == ("speaking", "[<Speaking object>]")
    assert value.asked == 1


def test_a_result_that_the_program_drops_is_freed_and_its_type_is_told() -> None:
    rest = retained(Speaking())
    gc.collect()
    assert shown(rest) == "<Speaking object>"


def _generator() -> Any:
    yield 1


@pytest.mark.parametrize("make", [_generator, lambda: {1}.__iter__, lambda: _generator, object])
def test_any_other_object_has_a_text(make: Callable[[], object]) -> None:
    value = make()
    assert shown(retained(value)).startswith("<")
    del value
    assert shown(retained(make())).startswith("<")


ends = [RuntimeError("no"), SystemExit(1), KeyboardInterrupt(), RecursionError(), MemoryError()]


@pytest.mark.parametrize("error", ends, ids=lambda error: type(error).__name__)
def test_a_text_that_fails_is_told_without_it(error: BaseException) -> None:
    value = raising(error)()
    assert JobError.of(value) == JobError(kind="Bad", message=NO_MESSAGE)
    assert shown(retained(value)) == "<Bad object>"
    assert shown([value]) == "[<Bad object>]"


def test_a_text_that_is_none_is_told_without_it() -> None:
    kind = type("Bad", (Exception,), {"__str__": lambda _: 1, "__repr__": lambda _: None})
    assert message_of(kind()) == NO_MESSAGE
    assert shown(kind()) == "<Bad object>"


def test_a_message_is_bounded_whatever_it_is_made_of() -> None:
    long = "x" * (2 << 20)
    by_str = type("Long", (Exception,), {"__str__": lambda _: long})
    for error in (ValueError(long), ValueError([long]), ValueError(long, 1), KeyError(long)):
        assert len(message_of(error)) == MAX_MESSAGE_CHARACTERS
    assert message_of(by_str()) == "x" * (MAX_MESSAGE_CHARACTERS - 1) + "…"
    assert message_of(ValueError(10**5000)) == "<int of 16,610 bits>"
    assert message_of(ValueError(range(3))) == "range(0, 3)"
    assert message_of(ExceptionGroup("all", [ValueError(long)])) == "all (1 sub-exception)"


def test_a_name_that_a_metaclass_makes_is_not_asked_for() -> None:
    class Meta(type):
        @property
        def __name__(cls) -> str:  # type: ignore[override]
            raise AssertionError

    assert unseen(Meta("Named", (), {})()) == "<Named object>"
    assert JobError.of(type("E", (Exception,), {})()).kind == "E"


def test_texts_at_the_end_have_a_limit_of_time_together() -> None:
    free = threading.Event()
    slow = type("Slow", (), {"__repr__": lambda _: str(free.wait(10))})
    try:
        texts = all_shown([Speaking(), slow(), Speaking(), "a"], limit_s=0.05)
    finally:
        free.set()
    assert texts == ["speaking", "<Slow object>", "<Speaking object>", "a"]
    for thread in threading.enumerate():
        if thread.name == "texts of results":
            thread.join(10)


class Telling(Exception):
    """An exception that hands over what its message was made of."""

    def __init__(self, values: object) -> None:
        super().__init__("told")
        setattr(self, VALUES, values)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            {"address": "here", "status": 503, "limit": 2.5},
            (("address", "here"), ("status", 503), ("limit", 2.5)),
        ),
        ({"words": "x" * 5_000}, (("words", "x" * 999 + "…"),)),
        ({"a": None, "b": [1], 3: "c", "d": True, "e": math.nan, "f": math.inf, "g": 2**60}, ()),
        ({str(number): number for number in range(11)}, ()),
        ("no table", ()),
    ],
)
def test_what_an_exception_hands_over_is_kept_as_plain_bounded_values(
    given: object, kept: tuple[tuple[str, object], ...]
) -> None:
    assert values_of(Telling(given)) == kept


def test_an_exception_that_hands_over_nothing_or_fails_at_it_has_no_values() -> None:
    class Failing(Exception):
        @property
        def __dict__(self) -> dict[str, object]:  # type: ignore[override]
            raise RuntimeError

    assert values_of(ValueError("x")) == values_of(Failing()) == ()
