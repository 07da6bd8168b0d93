"""Texts of a run or of somebody's file made fit for people's eyes, and columns of fixed width.

A text may hold what moves a terminal's cursor, hides letters, or turns the direction in which they
are read. Whatever shows one to people, in a shell, on a page, in a chart or in HTML, passes it
through `legible` first. Formats for programs have escapes of their own and keep texts as they are.
"""

import unicodedata
from collections.abc import Sequence

CONTROLLING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of Unicode: controls (C0, DEL, C1), formats (directions, invisible letters), halves of
surrogate pairs, and the separators of lines and of paragraphs."""
HARMLESS = frozenset("\t\u200c\u200d")
"""The tabulator, and the joiners of which emoji and Persian words are made."""


def legible(text: str) -> str:
    """Return a text in one line, in which whatever is no letter is escaped as Python does it."""
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def shortened(text: str, most: int = 1_000) -> str:
    """Return a text as `legible` does; of one longer than `most` letters, the first ones and …."""
    return legible(text if len(text) <= most else f"{text[: most - 1]}…")


def _shown(letter: str) -> str:
    if letter in HARMLESS or unicodedata.category(letter) not in CONTROLLING:
        return letter
    return letter.encode("unicode_escape").decode("ascii")


GAP = "  "


def display_width(text: str) -> int:
    """Return how many columns of a screen a text takes: Korean letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text: str, width: int, *, to_the_right: bool = False) -> str:
    """Return a text with spaces up to a width; one that is wider stays whole."""
    spaces = " " * (width - display_width(text))
    return spaces + text if to_the_right else text + spaces


def table(rows: Sequence[Sequence[str]], *, numbers_from: int) -> str:
    """Return rows of cells as lines; the first row is the heading.

    Args:
        rows: At least one, all of one length.
        numbers_from: The first column whose cells stand to the right; all later ones do too.
    """
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        GAP.join(
            padded(cell, width, to_the_right=number >= numbers_from)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
