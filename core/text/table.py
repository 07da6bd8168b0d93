"""Text in columns, for a screen where every character has a fixed width."""

import unicodedata
from collections.abc import Sequence

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
