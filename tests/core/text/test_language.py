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
    NS_PER_MS,
    NS_PER_S,
    NS_PER_US,
    _,
    duration_text,
    lazy,
    ngettext,
    once_a_language,
    size_text,
    speak,
    spoken,
    written,
)


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
    def texts_spoken() -> str:
        speak(language)
        return str(RunStopped())

    return copy_context().run(texts_spoken)


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
    def texts_spoken() -> list[str]:
        speak("ko")
        text = "{count:,} job", "{count:,} jobs"
        return [ngettext(*text, count).format(count=count) for count in (1, 1_234)]

    assert copy_context().run(texts_spoken) == ["작업 1개", "작업 1,234개"]


def test_values_are_put_into_a_korean_text_by_place_name_and_form() -> None:
    def texts_spoken() -> list[str]:
        speak("ko")
        return [
            str(BadValue("tasks", 0, _("it must be at least 1"))),
            _("no answer within {limit:g} s").format(limit=2.5),
            duration_text(1_234_500_000_000),
        ]

    assert copy_context().run(texts_spoken) == [
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
        "import sys, core.text.language as language, core.text.language as numbers; "
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


UNITS = {"ns": 1, "µs": NS_PER_US, "ms": NS_PER_MS, "s": NS_PER_S}
MOST_CHARACTERS = 10
TOLERATED = 0.006


def parsed_ns(text: str) -> float:
    number, unit = text.replace("−", "-").replace(",", "").split(" ")
    return float(number) * UNITS[unit]


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [
        (0, "0 ns"),
        (1, "1 ns"),
        (999, "999 ns"),
        (999.4, "999 ns"),
        (999.6, "1.00 µs"),
        (1_000, "1.00 µs"),
        (9_994, "9.99 µs"),
        (9_996, "10.0 µs"),
        (99_940, "99.9 µs"),
        (99_960, "100 µs"),
        (999_400, "999 µs"),
        (999_499, "999 µs"),
        (999_600, "1.00 ms"),
        (1_000_000, "1.00 ms"),
        (9_994_000, "9.99 ms"),
        (9_996_000, "10.0 ms"),
        (99_940_000, "99.9 ms"),
        (99_960_000, "100 ms"),
        (999_400_000, "999 ms"),
        (999_600_000, "1.00 s"),
        (1_004_999_999, "1.00 s"),
        (59_960_000_000, "60.0 s"),
        (99_960_000_000, "100 s"),
        (1_000_000_000_000, "1,000 s"),
        (12_345_600_000_000, "12,346 s"),
    ],
)
def test_a_time_has_three_digits_and_the_unit_that_suits_it(duration_ns: float, text: str) -> None:
    assert duration_text(duration_ns) == text


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [(-1, "−1 ns"), (-999_600, "−1.00 ms"), (-200_000_000, "−200 ms")],
)
def test_a_negative_time_has_a_typographic_minus(duration_ns: float, text: str) -> None:
    assert duration_text(duration_ns) == text


def test_less_than_nothing_that_rounds_to_nothing_has_no_sign() -> None:
    assert duration_text(-0.3) == "0 ns"


@given(st.integers(-1_000 * NS_PER_S + 1, 1_000 * NS_PER_S - 1))
def test_a_text_is_short_and_reads_back_as_the_time(duration_ns: int) -> None:
    text = duration_text(duration_ns)
    assert len(text) <= MOST_CHARACTERS
    assert parsed_ns(text) == pytest.approx(duration_ns, rel=TOLERATED)


@given(st.integers(0, 1_000 * NS_PER_S), st.integers(0, 1_000 * NS_PER_S))
def test_a_longer_time_never_reads_shorter(one_ns: int, other_ns: int) -> None:
    shorter, longer = sorted((one_ns, other_ns))
    assert parsed_ns(duration_text(shorter)) <= parsed_ns(duration_text(longer))


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (2_912, "2.91 kB"),
        (24_040_000, "24.0 MB"),
        (999_950, "1.00 MB"),
        (3_000_000_000, "3.00 GB"),
    ],
)
def test_a_size_has_three_digits_and_the_unit_that_suits_it(size_bytes: float, text: str) -> None:
    assert size_text(size_bytes) == text
