"""The language of a page view, and the lesson texts in it."""

from dataclasses import dataclass

import streamlit as st

from core.words import CATALOGUES, speak

SOURCE_LANGUAGE = "en"
TURN = "\n---\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonText:
    """The two parts of a lesson in Markdown, around a rule: what to read before and after a run."""

    before: str
    after: str


def choose() -> str:
    """Make this script run speak the browser's language, if there are texts in it.

    What the browser says may be anything, a path too, so it is looked up and never followed.
    """
    wanted = (st.context.locale or SOURCE_LANGUAGE).split("-")[0]
    written = {path.name for path in CATALOGUES.iterdir() if path.is_dir()}
    language = wanted if wanted in written else SOURCE_LANGUAGE
    speak(language)
    return language


def lesson_text(name: str) -> LessonText:
    """Return the text of a lesson in the chosen language, or in English where it is missing."""
    own = CATALOGUES / choose() / f"{name}.md"
    path = own if own.exists() else CATALOGUES / SOURCE_LANGUAGE / f"{name}.md"
    before, _, after = path.read_text(encoding="utf-8").partition(TURN)
    return LessonText(before=before, after=after)
