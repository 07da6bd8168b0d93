"""Numbers as languages write them."""

import os
import subprocess
import sys
from contextvars import copy_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadValue, RunStopped
from core.text.language import (
    CATALOGUES,
    LANGUAGES,
    _,
    lazy,
    ngettext,
    once_a_language,
    speak,
    spoken,
    written,
)
from core.text.numbers import duration_text


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "≈ 1,234.50 ms (+12.3%)", "≈ 1,234.50 ms (+12.3%)"),
        ("ko", "≈ 1,234.50 ms (+12.3%)", "≈ 1,234.50 ms (+12.3%)"),
        ("de", "≈ 1,234.50 ms (+12.3%)", "≈ 1.234,50 ms (+12,3%)"),
        ("de", "1000.25", "1000,25"),
        ("fr", "1,234,567", "1\u202f234\u202f567"),
        ("ko", "none", "none"),
    ],
)
def test_a_number_keeps_its_digits_and_gets_the_signs_of_the_language(
    language: str, text: str, expected: str
) -> None:
    assert written(text, language) == expected


@given(st.floats(0, 1e12), st.sampled_from([",.0f", ",.1f", ",.2f", ".2f", ",.3f"]))
def test_korean_writes_numbers_as_english_does(number: float, form: str) -> None:
    assert written(format(number, form), "ko") == format(number, form)


@given(st.floats(0, 1e12), st.sampled_from([",.0f", ",.1f", ".2f"]))
def test_no_digit_is_lost_or_rounded(number: float, form: str) -> None:
    text = written(format(number, form), "de")
    assert text.replace(".", "").replace(",", ".") == format(number, form).replace(",", "")


ROOT = Path(__file__).resolve().parents[3]
IN_KOREAN = "실행을 중지했습니다"


def stopped_in(language: str | None) -> str:
    def told() -> str:
        speak(language)
        return str(RunStopped())

    return copy_context().run(told)


def test_without_a_language_it_is_english() -> None:
    assert copy_context().run(_, "the run was stopped") == "the run was stopped"
    assert ngettext("{n} run", "{n} runs", 1) == "{n} run"
    assert ngettext("{n} run", "{n} runs", 2) == "{n} runs"


@pytest.mark.parametrize("language", ["xx", "", "ko_KR", "../ko"])
def test_a_language_without_a_catalogue_gives_english(language: str) -> None:
    assert stopped_in(language) == "the run was stopped"


def test_every_language_but_the_source_has_a_catalogue_and_lessons() -> None:
    folders = {path.name for path in CATALOGUES.iterdir() if path.is_dir()}
    assert folders == set(LANGUAGES)
    catalogues = {path.parts[-3] for path in CATALOGUES.glob("*/LC_MESSAGES/loopscope.po")}
    assert catalogues == set(LANGUAGES) - {"en"}


def test_a_language_stays_in_its_context() -> None:
    assert stopped_in("ko") == IN_KOREAN
    assert _("the run was stopped") == "the run was stopped"
    assert spoken() == "en"


def test_an_error_speaks_the_language_of_who_reads_it_not_of_who_met_it() -> None:
    error = RunStopped()

    def read() -> str:
        speak("ko")
        return str(error)

    assert copy_context().run(read) == IN_KOREAN
    assert str(error) == "the run was stopped"


def test_a_korean_count_needs_no_plural() -> None:
    def told() -> list[str]:
        speak("ko")
        text = "{count:,} job", "{count:,} jobs"
        return [ngettext(*text, count).format(count=count) for count in (1, 1_234)]

    assert copy_context().run(told) == ["작업 1개", "작업 1,234개"]


def test_values_are_put_into_a_korean_text_by_place_name_and_form() -> None:
    def told() -> list[str]:
        speak("ko")
        return [
            str(BadValue("tasks", 0, _("it must be at least 1"))),
            _("no answer within {limit:g} s").format(limit=2.5),
            duration_text(1_234_500_000_000),
        ]

    assert copy_context().run(told) == [
        "tasks 값이 0입니다. 1 이상이어야 합니다",
        "2.5초 안에 응답이 없습니다",
        "1,234 s",
    ]


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({}, "the run was stopped"),
        ({"LANG": "C.UTF-8"}, "the run was stopped"),
        ({"LANG": "ko_KR.UTF-8"}, IN_KOREAN),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "the run was stopped"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR@x"}, IN_KOREAN),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "xx:ko:en"}, IN_KOREAN),
        ({"LANG": "ko_KR.UTF-8", "LANGUAGE": "en:ko"}, "the run was stopped"),
    ],
)
def test_a_shell_asks_by_its_environment(
    variables: dict[str, str], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert stopped_in(None) == text


def test_english_needs_nothing_of_babel() -> None:
    code = (
        "import sys, core.text.language as language, core.text.numbers as numbers; "
        "language.speak('en'); language._('{n:,}').format(n=1_000); "
        "numbers.duration_text(5); print('babel' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"LANG": "ko_KR.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


def test_what_is_made_of_texts_is_made_once_in_each_language() -> None:
    asked: list[str] = []

    @once_a_language
    def words() -> list[str]:
        asked.append(spoken())
        return [_("failed")]

    def said(language: str) -> list[str]:
        speak(language)
        return words()

    found = [copy_context().run(said, language) for language in ("en", "ko", "en", "ko")]
    assert asked == ["en", "ko"]
    assert found[0] is found[2]
    assert found[1] is found[3]
    assert found[0] == ["failed"] != found[1]


def test_a_lazy_text_is_made_in_the_language_of_who_reads_it_with_what_is_in_it() -> None:
    why = lazy("because no run may take longer")
    text = lazy("it must be at most {most:g} seconds, {why}", most=60, why=why)

    def read() -> str:
        speak("ko")
        return f"{text}"

    assert str(text) == "it must be at most 60 seconds, because no run may take longer"
    korean = "60초 이하여야 합니다. 어떤 실행도 이보다 오래 걸릴 수 없기 때문입니다"
    assert copy_context().run(read) == korean
    assert str(text) == "it must be at most 60 seconds, because no run may take longer"


def test_lazy_texts_are_equal_by_text_and_values() -> None:
    text = lazy("it must be from 1 to {most}", most=3)
    assert text == lazy("it must be from 1 to {most}").with_values(most=3)
    assert text != lazy("it must be from 1 to {most}", most=4)
    assert len({text, lazy("it must be from 1 to {most}", most=3)}) == 1
    assert text != str(text)


@pytest.mark.parametrize(
    ("values", "takes"),
    [
        ({"limit": 2.5}, True),
        ({}, False),
        ({"limit": "a while"}, False),
        ({"limit": 2.5, "more": 1}, False),
    ],
)
def test_a_lazy_text_takes_a_value_for_each_of_its_places(
    values: dict[str, object], takes: bool
) -> None:
    assert lazy("no answer within {limit:g} s").takes(values) == takes
