"""The language in which this thread speaks: its texts, numbers, times and sizes.

gettext is chosen per page view rather than per process. The source language is English, so nothing
needs to be set for it. A hosted server answers people of different languages at the same time; a
context variable keeps them apart.

Catalogues are compiled in memory, when a language is first spoken: so there is no build step, and
what is read is what the tests have checked. English needs none, and nothing but the standard
library, which is all that a measuring child has. Python formats numbers, and the locale data of
Babel give the signs of the language; English and Korean happen to agree.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import cache, lru_cache, wraps
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar

SOURCE_LANGUAGE = "en"
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_GROUPED, _PLAIN = "#,##0", "0"


@lru_cache(maxsize=20_000)
def written(text: str, language: str) -> str:
    """Return a text whose numbers stand as a language writes them.

    Args:
        text: One that Python's `format` wrote, which is how English writes numbers: `1,234.5`.
        language: A language code that Babel knows. English is returned as it came, without Babel:
            a measuring child formats texts, too, and has the standard library only.

    Returns:
        The same digits, none more and none less: `1.234,5` in German, `1,234.5` in Korean.
    """
    if language == SOURCE_LANGUAGE:
        return text
    return _NUMBER.sub(lambda number: _number(number.group(), language), text)


def _number(text: str, language: str) -> str:
    from babel.numbers import format_decimal  # noqa: PLC0415 - see `written`

    whole, _, decimals = text.partition(".")
    form = _GROUPED if "," in whole else _PLAIN
    form += "." + "0" * len(decimals) if decimals else ""
    return format_decimal(text.replace(",", ""), format=form, locale=language)


CATALOGUES = Path(__file__).parents[2] / "pages" / "text"
DOMAIN = "loopscope"

LANGUAGES = {SOURCE_LANGUAGE: "English", "ko": "한국어"}
"""The languages there are texts in, by their codes, each by the name that its speakers give it."""

_current: ContextVar[str] = ContextVar("loopscope_language", default=SOURCE_LANGUAGE)


def speak(language: str | None) -> None:
    """Make this context's texts appear in a language; one without a catalogue gives English.

    Args:
        language: A language code such as `en` or `ko`; None for what the environment asks for,
            as `LANGUAGE` and `LANG` do in a shell.
    """
    wanted: Iterable[str] = _asked_by_environment() if language is None else [language]
    _current.set(next((each for each in wanted if each in LANGUAGES), SOURCE_LANGUAGE))


def spoken() -> str:
    """Return the code of the language that this context speaks."""
    return _current.get()


def _asked_by_environment() -> Iterator[str]:
    """Yield language codes from the first variable that is set, the one wanted most first.

    Source: GNU gettext manual, "Locale Environment Variables".
    """
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    locales = next(filter(None, map(os.environ.get, names)), "")
    for locale in locales.split(":"):
        yield locale.replace(".", "_").replace("@", "_").partition("_")[0]


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - English needs nothing of it
    from babel.messages.pofile import read_po  # noqa: PLC0415

    # gettext reads compiled catalogues only; Babel compiles the 100 kB of Korean in 40 ms.
    compiled = BytesIO()
    with (CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _(text: str) -> str:
    """Return a text in this context's language."""
    return _translated(text)


def _translated(text: str) -> str:
    language = _current.get()
    if language == SOURCE_LANGUAGE:
        return text
    return _as_spoken(_catalogue(language).gettext(text), language)


class LazyText:
    """A text that is made each time it is read, in the language of whoever reads it.

    It holds the English text and the values for its places, which may be lazy texts themselves. So
    an error can be raised in a thread that speaks one language, or none, and be read in another.
    """

    __slots__ = ("_text", "_values")

    def __init__(self, text: str, values: dict[str, object]) -> None:
        self._text, self._values = text, values

    @property
    def source(self) -> str:
        """The English text, with its places."""
        return self._text

    def with_values(self, **values: object) -> "LazyText":
        """Return the same text with values for its places."""
        return LazyText(self._text, values)

    def takes(self, values: dict[str, Any]) -> bool:
        """Return whether there is a place for each of some values, and each can be put into it."""
        try:
            whole = self._text.format(**values)
        except (KeyError, TypeError, ValueError):
            return False
        places = {name for _text, name, _form, _how in Formatter().parse(self._text) if name}
        return bool(whole) and places == values.keys()

    def __str__(self) -> str:
        text = _translated(self._text)
        return text.format(**self._values) if self._values else text

    def __format__(self, form: str) -> str:
        return format(str(self), form)

    def __repr__(self) -> str:
        return repr(str(self))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LazyText):
            return NotImplemented
        return (self._text, self._values) == (other._text, other._values)

    def __hash__(self) -> int:
        return hash(self._text)


Text = str | LazyText
"""What people read: a text of somebody else's as it is, one of ours in the reader's language."""


def lazy(text: str, **values: object) -> LazyText:
    """Return a text, with values for its places, that is translated when it is read."""
    return LazyText(text, values)


Made = TypeVar("Made")


def once_a_language(make: Callable[[], Made]) -> Callable[[], Made]:
    """Return a function that makes something of texts when a language first asks for it.

    A chart asks for the same names with each of its bars, and a server draws all the time. What is
    made is shared from then on, so nobody may change it.
    """
    made: dict[str, Made] = {}

    @wraps(make)
    def in_this_language() -> Made:
        language = _current.get()
        if language not in made:
            made[language] = make()
        return made[language]

    return in_this_language


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form of a text that goes with a count, in this context's language."""
    language = _current.get()
    return _as_spoken(_catalogue(language).ngettext(one, many, count), language)


def _as_spoken(text: str, language: str) -> str:
    return text if language == SOURCE_LANGUAGE else _Text(text)


class _Text(str):
    """A text of another language than English: `format` writes numbers as that language does."""

    __slots__ = ()

    def format(self, *args: Any, **kwargs: Any) -> str:
        return _NUMBERS.vformat(self, args, kwargs)


class _Numbers(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        text = format(value, format_spec)
        return written(text, spoken()) if isinstance(value, int | float) and format_spec else text


_NUMBERS = _Numbers()


NS_PER_US = 1_000
NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000


def duration_text(duration_ns: float) -> str:
    """Return a time with three significant digits and the unit that suits it.

    Args:
        duration_ns: Nanoseconds; negative ones keep their sign.

    Returns:
        `1.00 s`, `201 ms`, `84.0 µs`, `12 ns`. The units are those of the SI in every language.
    """
    sign = "−" if round(duration_ns) < 0 else ""
    size = abs(duration_ns)
    for unit_ns, unit in ((NS_PER_S, "s"), (NS_PER_MS, "ms"), (NS_PER_US, "µs")):
        if size >= unit_ns * 0.9995:
            return f"{sign}{_three_digits(size / unit_ns)} {unit}"
    return f"{sign}{size:.0f} ns"


def size_text(size_bytes: float) -> str:
    """Return a size with three significant digits: `2.91 kB`, `24.0 MB`; 1 kB is 1,000 bytes."""
    for unit_bytes, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size_bytes >= unit_bytes * 0.9995:
            return f"{_three_digits(size_bytes / unit_bytes)} {unit}"
    return f"{size_bytes:.0f} B"


def _three_digits(value: float) -> str:
    if value >= 99.95:
        return number_text(value, ",.0f")
    return number_text(value, ".1f" if value >= 9.995 else ".2f")


def number_text(value: float, form: str = ",") -> str:
    """Return a number as people read it: `1,234` or, with a form of Python's `format`, `12.5%`."""
    return written(format(value, form), spoken())


def two_digits(factor: float) -> str:
    """Return a factor with two significant digits, or all of its whole ones."""
    # From 99.5 on `.2g` would round to 1e+02.
    return number_text(factor, ".2g" if factor < 99.5 else ",.0f")
