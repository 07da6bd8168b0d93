"""docs/tutorial.md says where each point of the tutorial is told: the lessons must say it."""

import re
from pathlib import Path

import pytest

from core.text.language import CATALOGUES

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = {"en": 2, "ko": 3}
"""In which column of the table a language's words stand."""


def rows() -> list[list[str]]:
    lines = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def in_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_table_has_the_whole_tutorial() -> None:
    named = {lesson.strip("`") for _point, lesson, *_words in rows()}
    assert len(rows()) >= 29
    assert named >= {"sequential", "create_task", "gather", "gather_results", "run_in_executor"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_lesson_tells_its_point(row: list[str], language: str) -> None:
    lesson = CATALOGUES / language / f"{row[1].strip('`')}.md"
    assert row[LANGUAGES[language]] in in_one_line(lesson.read_text(encoding="utf-8"))
