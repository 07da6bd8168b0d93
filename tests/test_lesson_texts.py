"""The lessons in every language: the same ones, with the same code, turned at the same place."""

import re
from pathlib import Path

import pytest

from core.text.language import CATALOGUES, LANGUAGES, SOURCE_LANGUAGE

SOURCES = sorted((CATALOGUES / SOURCE_LANGUAGE).glob("*.md"))
TRANSLATIONS = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
FENCED = re.compile(r"(?ms)^```python$.*?^```$")
HANGUL = re.compile(r"[가-힣]")


def translated(source: Path, language: str) -> str:
    return (CATALOGUES / language / source.name).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_lesson_is_told_in_every_language_and_no_other_is(language: str) -> None:
    names = {path.name for path in (CATALOGUES / language).glob("*.md")}
    assert names == {path.name for path in SOURCES}


@pytest.mark.parametrize("language", TRANSLATIONS)
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_translated_lesson_shows_the_same_code(source: Path, language: str) -> None:
    original = source.read_text(encoding="utf-8")
    assert code_in(translated(source, language)) == code_in(original)


def code_in(text: str) -> set[str]:
    """Return the blocks of code of a text, and what stands between backticks in its sentences."""
    words = FENCED.sub("", text)
    return {*FENCED.findall(text), *re.findall(r"`([^`]+)`", re.sub(r"\s+", " ", words))}


@pytest.mark.parametrize("language", TRANSLATIONS)
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_translated_lesson_is_built_like_the_original(source: Path, language: str) -> None:
    assert outline(translated(source, language)) == outline(source.read_text(encoding="utf-8"))


def outline(text: str) -> list[str]:
    """Return how each block of a text begins: headings, points of a list, the rule, paragraphs."""
    begins = re.findall(r"(?m)^(?:#+ |- |---$|(?=\S)(?<=\n\n))", text)
    return [each.strip() for each in begins]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_korean_lesson_is_written_in_korean(source: Path) -> None:
    blocks = FENCED.sub("", translated(source, "ko")).split("\n\n")
    told = [block for block in blocks if block.strip() not in ("", "---")]
    assert [block for block in told if not HANGUL.search(block)] == []
