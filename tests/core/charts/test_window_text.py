import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.window import Window
from core.charts.window_text import LATEST_NS, as_word, from_word, window_text
from core.text.numbers import NS_PER_MS, NS_PER_S


def window(start_ns: int, end_ns: int, jobs: tuple[int, int] | None = None) -> Window:
    return Window(start_ns=start_ns, end_ns=end_ns, jobs=jobs)


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        (window(120 * NS_PER_MS, 340 * NS_PER_MS), "120ms-340ms"),
        (window(0, 1_500 * NS_PER_MS, (10, 39)), "0ms-1.5s_jobs11-40"),
        (window(1_250, 2 * NS_PER_S), "1.25us-2s"),
        (window(7, 100_000, (0, 0)), "7ns-100us_jobs1-1"),
    ],
)
def test_a_window_is_one_short_word_in_a_url(shown: Window, word: str) -> None:
    assert as_word(shown) == word
    assert from_word(word) == shown


def test_a_word_may_use_any_unit() -> None:
    assert from_word("0.12s-340000us") == window(120 * NS_PER_MS, 340 * NS_PER_MS)


numbers = st.integers(0, 999_999_998)


@given(st.tuples(*[st.integers(0, LATEST_NS)] * 2), st.none() | st.tuples(numbers, numbers))
def test_every_window_is_read_as_it_was_written(
    times_ns: tuple[int, int], jobs: tuple[int, int] | None
) -> None:
    start_ns, end_ns = sorted(times_ns)
    if start_ns == end_ns:
        return
    shown = window(start_ns, end_ns, jobs and (min(jobs), max(jobs)))
    assert from_word(as_word(shown)) == shown


@pytest.mark.parametrize(
    "word",
    [
        "",
        "120ms",
        "120-340",
        "340ms-120ms",
        "5ms-5ms",
        "-5ms-10ms",
        "1e3ms-2e3ms",
        "0ms-NaNms",
        "0.5ns-10ns",
        "0ms-99999999999999s",
        "0ms-86401s",
        "0ms-10ms_jobs0-5",
        "0ms-10ms_jobs5-4",
        "0ms-10ms_jobs1",
        "0ms-10ms_jobs1-9999999999",
        "0ms-10ms_jobs1-2 ",
        "0ms-10ms\n",
        "\u0660ms-\u0661ms",
        "0ms-10ms<script>",
    ],
)
def test_anything_else_is_no_window(word: str) -> None:
    with pytest.raises(ValueError, match=r"is|a window"):
        from_word(word)


@given(st.text())
def test_no_text_does_more_than_be_refused(word: str) -> None:
    try:
        found = from_word(word)
    except ValueError:
        return
    assert from_word(as_word(found)) == found


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (window(120 * NS_PER_MS, 340 * NS_PER_MS), "120 ms to 340 ms"),
        (window(120_100_000, 142_300_000), "120.1 ms to 142.3 ms"),
        (window(1_000, 3_500), "0.00100 ms to 0.00350 ms"),
        (window(9 * NS_PER_S, 60 * NS_PER_S), "9.0 s to 60.0 s"),
        (window(0, 10 * NS_PER_MS, (10, 39)), "0.0 ms to 10.0 ms, jobs 11 to 40 of 1,000"),
        (window(0, 10 * NS_PER_MS, (10, 10)), "0.0 ms to 10.0 ms, job 11 of 1,000"),
        (window(0, 10 * NS_PER_MS, (990, 5_000)), "0.0 ms to 10.0 ms, jobs 991 to 1,000 of 1,000"),
    ],
)
def test_a_caption_says_what_is_shown(shown: Window, text: str) -> None:
    assert window_text(shown, 1_000) == text
