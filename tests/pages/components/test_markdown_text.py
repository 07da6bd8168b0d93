import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.legible import legible
from pages.components.markdown_text import escaped, unbroken
from tests.kit.screen import unescaped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold**", r"\*\*bold\*\*"),
        ("wait_for", r"wait\_for"),
        ("<b onclick='x'>", r"\<b onclick\=\'x\'\>"),
        (":material/home:", r"\:material\/home\:"),
        (":red[alarm]", r"\:red\[alarm\]"),
        ("$x^2$", r"\$x\^2\$"),
        ("[text](address)", r"\[text\]\(address\)"),
        ("`code` ~~gone~~", r"\`code\` \~\~gone\~\~"),
        ("# title | cell", r"\# title \| cell"),
        ("1. one", r"1\. one"),
        ("a\\b", r"a\\b"),
        ("&amp; !{}", r"\&amp\; \!\{\}"),
        ("\x1b[2J\u202e", r"\\x1b\[2J\\u202e"),
        ("http://a.b", r"http\::small[]\/\/a\.b"),
        ("WWW.a.b a@b.c", r"WWW:small[]\.a\.b a\@:small[]b\.c"),
        ("a -> b --all :streamlit:", r"a \-:small[]\> b \-:small[]\-all \::small[]streamlit\:"),
        ("plain words — and 201 ms, ünïcödé", r"plain words — and 201 ms\, ünïcödé"),
        ("", ""),
    ],
)
def test_every_mark_that_could_mean_something_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_several_lines_become_one() -> None:
    assert escaped("one\n\n- two") == r"one  \- two"


@given(st.text())
def test_without_its_escapes_a_text_is_what_it_was(text: str) -> None:
    assert unescaped(escaped(text)) == legible(text.replace("\n", " "))


def test_a_number_and_its_unit_stay_in_one_line() -> None:
    assert unbroken("5 jobs took 1.00 s (20 MB), 200 ms입니다") == (
        "5 jobs took 1.00\u00a0s (20\u00a0MB), 200\u00a0ms입니다"
    )
    assert unbroken("5 sleeping jobs") == "5 sleeping jobs"
