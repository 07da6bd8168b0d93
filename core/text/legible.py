"""Texts of a run or of somebody's file made fit for people's eyes, and columns of fixed width.

A text may hold what moves a terminal's cursor, hides letters, or turns the direction in which they
are read. Whatever shows one to people, in a shell, on a page, in a chart or in HTML, passes it
through `legible` first. Formats for programs have escapes of their own and keep texts as they are.
"""

import codecs
import os
import re
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

CONTROLLING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of Unicode: controls (C0, DEL, C1), formats (directions, invisible letters), halves of
surrogate pairs, and the separators of lines and of paragraphs."""
HARMLESS = frozenset("\t\u200c\u200d")
"""The tabulator, and the joiners of which emoji and Persian words are made."""


def legible(text: str) -> str:
    """Return a text in one line, in which whatever is no letter is escaped as Python does it."""
    if text.isprintable():  # as nearly all are: thirty times faster than by letters
        return text
    return "".join(map(_shown, text))


def shortened(text: str, most: int = 1_000) -> str:
    """Return a text as `legible` does; of one longer than `most` letters, the first ones and …."""
    return legible(text if len(text) <= most else f"{text[: most - 1]}…")


def _shown(letter: str) -> str:
    if letter in HARMLESS or unicodedata.category(letter) not in CONTROLLING:
        return letter
    return letter.encode("unicode_escape").decode("ascii")


PLAIN = str.maketrans(
    {"µ": "u", "×": "x", "≈": "~", "−": "-", "—": "-", "·": "|", "…": "...", "→": "->"}
)
"""What stands for the letters of our own sentences where an encoding lacks them: EUC-KR has no µ,
cp1252 no ≈, cp437 no ×."""


def _in_plain_letters(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    plain = error.object[error.start : error.end].translate(PLAIN)
    return plain.encode("ascii", errors="backslashreplace").decode("ascii"), error.end


ENCODING_ERRORS = "loopscope.plain"
"""How a stream encodes what its encoding lacks: in plain letters, or as Python escapes it."""
codecs.register_error(ENCODING_ERRORS, _in_plain_letters)


def without_encoding(texts: Sequence[str]) -> str | None:
    """Return a text that could be no path, such as a name in UTF-8 where texts are in EUC-KR.

    C reads its bytes as letters that Python's codec does not know.
    """
    for each in texts:
        try:
            os.fsencode(each)
        except UnicodeEncodeError:
            return each
    return None


GAP = "  "


def display_width(text: str) -> int:
    """Return how many columns of a screen a text takes: Korean letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text: str, width: int, *, to_the_right: bool = False) -> str:
    """Return a text with spaces up to a width; one that is wider stays whole."""
    spaces = " " * (width - display_width(text))
    return spaces + text if to_the_right else text + spaces


def wrapped(text: str, width: int, *, indent: str = "") -> str:
    """Return a text as lines of at most `width` columns, broken at spaces.

    Args:
        text: Its own lines stay lines.
        width: Columns of a screen. A word that is wider stays whole, or it could not be copied.
        indent: What stands before each line but the first of one of the text's own.
    """
    lines: list[str] = []
    for own in text.split("\n"):
        line, *words = own.split(" ")
        for word in words:
            joined = f"{line} {word}"
            if line.strip() and display_width(joined) > width:
                lines.append(line)
                line = indent + word
            else:
                line = joined
        lines.append(line)
    return "\n".join(lines)


def table(rows: Sequence[Sequence[str]], *, numbers_from: int, width: int) -> str:
    """Return rows of cells as lines; the first row is the heading.

    A table that is too wide has its widest columns broken into lines, at spaces, but never between
    a number and its unit.

    Args:
        rows: At least one, all of one length.
        numbers_from: The first column whose cells stand to the right; all later ones do too.
        width: How many columns of a screen it may take. One whose words are wider is wider.
    """
    columns = list(zip(*rows, strict=True))
    widths = _narrowed([max(map(display_width, each)) for each in columns], columns, width)
    return "\n".join(line for row in rows for line in _lines_of_row(row, widths, numbers_from))


_BREAK = re.compile(r"(?<![\d≈]) | (?=\()")
"""A space at which a cell may be broken: `1.01 s`, `≈ 4 ms` and `2 processes` stay together."""


def _narrowed(widths: list[int], columns: Sequence[Sequence[str]], width: int) -> list[int]:
    least = [
        max(display_width(piece) for cell in column for piece in _BREAK.split(cell))
        for column in columns
    ]
    while sum(widths) + len(GAP) * (len(widths) - 1) > width and widths != least:
        spare = [(each, place) for place, each in enumerate(widths) if each > least[place]]
        widths[max(spare)[1]] -= 1
    return [
        max(display_width(line) for cell in column for line in _filled(cell, most))
        for column, most in zip(columns, widths, strict=True)
    ]


def _lines_of_row(row: Sequence[str], widths: Sequence[int], numbers_from: int) -> list[str]:
    cells = [_filled(cell, width) for cell, width in zip(row, widths, strict=True)]
    return [
        GAP.join(
            padded(piece, widths[place], to_the_right=place >= numbers_from)
            for place, piece in enumerate(pieces)
        ).rstrip()
        for pieces in zip_longest(*cells, fillvalue="")
    ]


def _filled(cell: str, width: int) -> list[str]:
    lines = [""]
    for piece in _BREAK.split(cell):
        joined = f"{lines[-1]} {piece}" if lines[-1] else piece
        if lines[-1] and display_width(joined) > width:
            lines.append(piece)
        else:
            lines[-1] = joined
    return lines
