"""Texts for places that read Markdown: those that come from runs, and numbers with their units."""

import re

from core.legible import legible

_MEANING_SOMETHING = re.compile(r"([!-/:-@\[-`{-~])")
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:ns|µs|ms|s|B|kB|MB|GB)(?![A-Za-z]))")
NO_BREAK_SPACE = "\u00a0"


def unbroken(text: str) -> str:
    """Return a text in which no line ends between a number and its unit."""
    return _BEFORE_UNIT.sub(NO_BREAK_SPACE, text)


def plain(text: str) -> str:
    """Return a text so that Markdown shows it as it is: every punctuation mark is escaped.

    Source: CommonMark 0.31, "Backslash escapes"; Streamlit's own directives heed them, too.
    """
    return _MEANING_SOMETHING.sub(r"\\\1", legible(text.replace("\n", " ")))
