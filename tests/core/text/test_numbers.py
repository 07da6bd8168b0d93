# ruff: noqa: RUF001 - the typographic minus is meant
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.numbers import NS_PER_MS, NS_PER_S, NS_PER_US, duration_text, size_text

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
