"""Numbers as languages write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.notation import written


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
