"""The language in which this thread speaks: gettext, chosen per page view rather than per process.

The source language is English, so nothing needs to be set for it. A hosted server answers
people of different languages at the same time; a context variable keeps them apart.
"""

import gettext
from contextvars import ContextVar
from pathlib import Path

CATALOGUES = Path(__file__).parent.parent / "pages" / "text"
DOMAIN = "loopscope"

_ENGLISH = gettext.NullTranslations()
_current: ContextVar[gettext.NullTranslations] = ContextVar("loopscope_words", default=_ENGLISH)


def speak(language: str | None) -> None:
    """Make this context's texts appear in a language; one without a catalogue gives English.

    Args:
        language: A language code such as `en` or `ko`; None for what the environment asks for,
            as `LANGUAGE` and `LANG` do in a shell.
    """
    languages = None if language is None else [language]
    _current.set(
        gettext.translation(DOMAIN, localedir=CATALOGUES, languages=languages, fallback=True)
    )


def _(text: str) -> str:
    """Return a text in this context's language."""
    return _current.get().gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form of a text that goes with a count, in this context's language."""
    return _current.get().ngettext(one, many, count)
