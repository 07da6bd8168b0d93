"""Texts for places that read Markdown: those that come from runs, and numbers with their units."""

import re

from core.text.legible import legible

_MEANING_SOMETHING = re.compile(r"([!-/:-@\[-`{-~])")
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:ns|µs|ms|s|B|kB|MB|GB)(?![A-Za-z]))")
_FOUND_IN_TEXTS = re.compile(
    r"(?<=http:)(?=//)|(?<=https:)(?=//)|(?<=www)(?=\.)|(?<=@)"
    r"|(?<=[-<>=~!])(?=[-<>=])|(?<=:)(?=streamlit:)",
    re.IGNORECASE,
)
NOTHING_SHOWN = ":small[]"
NO_BREAK_SPACE = "\u00a0"


def unbroken(text: str) -> str:
    """Return a text in which no line ends between a number and its unit."""
    return _BEFORE_UNIT.sub(NO_BREAK_SPACE, text)


def escaped(text: str) -> str:
    """Return a text so that Markdown shows it as it is: every punctuation mark is escaped.

    Source: CommonMark 0.31, "Backslash escapes"; Streamlit's own directives heed them, too. Some
    things are looked for once the escapes are gone: addresses, which become links
    (mdast-util-gfm-autolink-literal 2), and in Streamlit 1.67 its logo and arrows such as `->`.
    An element that shows nothing parts what would be found.
    """
    parts = _FOUND_IN_TEXTS.split(legible(text.replace("\n", " ")))
    return NOTHING_SHOWN.join(_MEANING_SOMETHING.sub(r"\\\1", part) for part in parts)
