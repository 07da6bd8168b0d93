"""The texts of the app: all in the template, all literal, and translated without loss."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ROOT / "pages" / "text"
TEMPLATE = TEXTS / "loopscope.pot"
CATALOGUES = sorted(TEXTS.glob("*/LC_MESSAGES/loopscope.po"))

KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "lazy": None, "ngettext": (1, 2)}
COMMAND = (
    "pybabel extract --no-default-keywords -k _ -k lazy -k ngettext:1,2"
    " --add-location=file --sort-by-file --project=Loopscope --version=0.1"
    " --copyright-holder='the Loopscope authors'"
    " -o pages/text/loopscope.pot app.py core pages"
)

Id = str | tuple[str, str]


def _sources() -> Iterator[Path]:
    yield ROOT / "app.py"
    for folder in ("core", "pages"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def _ids_in_code() -> set[Id]:
    return {
        message if isinstance(message, str) else (message[0], message[1])
        for path in _sources()
        for _, message, _, _ in extract_from_file("python", path, keywords=KEYWORDS)
    }


def _messages(path: Path) -> dict[Id, Message]:
    return {
        message.id if isinstance(message.id, str) else (message.id[0], message.id[1]): message
        for message in _catalogue(path)
        if message.id
    }


def _catalogue(path: Path) -> Catalog:
    locale = None if path == TEMPLATE else path.parts[-3]
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def test_the_template_has_every_text_and_no_other() -> None:
    in_code, in_template = _ids_in_code(), set(_messages(TEMPLATE))
    differences = [f"+ {text!r}" for text in in_code - in_template]
    differences += [f"- {text!r}" for text in in_template - in_code]
    assert not differences, "\n".join(
        ["The template of texts is out of date. Update it with", COMMAND, *sorted(differences)]
    )


def test_every_text_stands_in_the_code_as_a_literal() -> None:
    """What is put together at run time, an f-string say, is in no catalogue."""
    built = []
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                positions = {"_": 1, "lazy": 1, "ngettext": 2}.get(node.func.id, 0)
                texts = node.args[:positions]
                if not all(_is_literal(text) for text in texts):
                    built.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert built == []


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_translates_every_text_and_keeps_its_placeholders(path: Path) -> None:
    translated = _messages(path)
    wrong = [
        repr(text)
        for text in _messages(TEMPLATE)
        if text not in translated or not _is_whole(text, translated[text])
    ]
    assert not wrong, "\n".join(["These are missing, fuzzy or wrong in their places:", *wrong])


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_keeps_nothing_that_is_said_no_more(path: Path) -> None:
    catalogue = _catalogue(path)
    assert set(_messages(path)) - set(_messages(TEMPLATE)) == set()
    assert list(catalogue.obsolete) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_has_as_many_plural_forms_as_its_language(path: Path) -> None:
    forms = _catalogue(path).num_plurals
    plurals = [each for each in _messages(path).values() if isinstance(each.id, tuple)]
    assert plurals
    assert {len(list(each.string or ())) for each in plurals} == {forms}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_lets_babel_find_nothing_wrong(path: Path) -> None:
    assert [message.id for message, _errors in _catalogue(path).check()] == []


def test_korean_has_no_particle_that_a_name_or_number_could_belie() -> None:
    """What a place stands for may end in a vowel or a consonant: the particle must name both."""
    wrong = [
        message.string
        for message in _messages(TEXTS / "ko" / "LC_MESSAGES" / "loopscope.po").values()
        if re.search(r"\}[을를은는이가와과]( |$)|\}(?:으로|로) ", str(message.string))
    ]
    assert wrong == []


def _is_whole(text: Id, message: Message) -> bool:
    """Return whether all is translated; only the form for many must name the count, too."""
    string = message.string or ""
    forms = [string] if isinstance(string, str) else list(string)
    allowed = _fields(text if isinstance(text, str) else text[1])
    complete = all(form and _fields(form) <= allowed for form in forms)
    return complete and not message.fuzzy and _fields(forms[-1]) == allowed


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
