"""Texts from a run or from somebody's file, made fit for people's eyes.

A text may hold what moves a terminal's cursor, hides letters, or turns the direction in which they
are read. Whatever shows one to people, in a shell, on a page, in a chart or in HTML, passes it
through `legible` first. Formats for programs have escapes of their own and keep texts as they are.
"""

import unicodedata

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
