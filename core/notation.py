"""Numbers as a language writes them, by the Unicode locale data that Babel brings."""

import re
from functools import lru_cache

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
