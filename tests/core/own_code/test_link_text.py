"""Code in a link: what comes back is what went in, and nothing that comes in does harm."""

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.own_code.link_text import (
    MOST_CHARACTERS,
    MOST_LINK_CHARACTERS,
    code_of,
    is_plain,
    link_word,
)
from core.patterns import PATTERNS
from core.spec.program import program
from core.spec.run_spec import RunSpec

URL_LETTERS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def word(content: bytes) -> str:
    """Return a word as a link has it, of any content."""
    return base64.urlsafe_b64encode(zlib.compress(content)).decode().rstrip("=")


@given(st.text(max_size=300))
def test_what_a_link_can_hold_comes_back_as_it_was(code: str) -> None:
    found = link_word(code)
    assert (found is None) is not is_plain(code)
    if found is not None:
        assert set(found) <= URL_LETTERS
        assert code_of(found) == code


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_program_of_each_pattern_fits_into_a_link(pattern: str) -> None:
    code = program(RunSpec(pattern=pattern))
    found = link_word(code)
    assert found is not None
    assert code_of(found) == code


def test_what_is_too_long_is_in_no_link() -> None:
    assert link_word("x" * MOST_CHARACTERS) is not None
    assert link_word("x" * (MOST_CHARACTERS + 1)) is None
    incompressible = "".join(f"{number * number * 7919:x}\n" for number in range(3_000))
    assert len(incompressible) < MOST_CHARACTERS
    assert link_word(incompressible) is None


@pytest.mark.parametrize(
    "given_word",
    [
        "",
        "A",
        "====",
        "not base64!",
        "é" * 8,
        "x" * (MOST_LINK_CHARACTERS + 1),
        base64.urlsafe_b64encode(b"no zlib").decode(),
        word(b"print()")[:-3],  # cut off
        word(b"print()") + "AAAA",  # and something behind it
        word(b"\xff\xfe"),
        word(b"a\0b"),
        word("x = '\u202e' # turned around".encode()),
        word("pass\u200b".encode()),
        word(b"\x1b[2J"),
        word(b"a\r\nb"),
        word(b" " * (4 * MOST_CHARACTERS + 1)),
        word(b" " * (MOST_CHARACTERS + 1)),
    ],
    ids=lambda text: text[:16],
)
def test_a_word_that_is_none_or_hides_something_is_refused(given_word: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever it is, the page says the same
        code_of(given_word)


def test_a_bomb_is_inflated_no_further_than_the_bound() -> None:
    bomb = word(b"\0" * 4_000_000)
    assert len(bomb) < MOST_LINK_CHARACTERS
    with pytest.raises(ValueError):  # noqa: PT011
        code_of(bomb)
