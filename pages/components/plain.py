"""Texts that come from runs, for places that read Markdown."""

import re

_MEANING_SOMETHING = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: str) -> str:
    """Return a text so that Markdown shows it as it is: every punctuation mark is escaped.

    Source: CommonMark 0.31, "Backslash escapes"; Streamlit's own directives heed them, too.
    """
    return _MEANING_SOMETHING.sub(r"\\\1", text.replace("\n", " "))
