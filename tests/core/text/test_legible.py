""

import json
import sys
import unicodedata

import pytest

from core.analysis.findings_text import findings_text
from core.analysis.side_by_side import differences
from core.analysis.summary import explain
from core.charts import chart
from core.charts.lanes import MAX_SPANS
from core.charts.panel import panels_of
from core.charts.strips import Strip
from core.errors import BadFile
from core.exports.spans import csv
from core.shell.report import report
from core.text.legible import (
    ENCODING_ERRORS,
    display_width,
    legible,
    padded,
    shortened,
    table,
    wrapped,
)
from tests.kit.speaking import CONTROLLING, controlling_in, speaking


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("an error of 5 µs: 실패 «no» 👩‍👩‍👧", "an error of 5 µs: 실패 «no» 👩‍👩‍👧"),
        ("\x1b[31mred\x07\r\n\x00", r"\x1b[31mred\x07\r\n\x00"),
        ("\x9b2J\x7f", r"\x9b2J\x7f"),
        ("\u202eabc\u202c\u2066\u2069\u200e", r"\u202eabc\u202c\u2066\u2069\u200e"),
        ("one\u2028two\u2029", r"one\u2028two\u2029"),
        ("a\tb", "a\tb"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_is_no_letter_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert legible(text) == shown


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", "≈ 4 µs, 2×, −3 — … 한"),
        ("euc-kr", "~ 4 us, 2×, -3 - … 한"),
        ("cp1252", r"~ 4 µs, 2×, -3 — … \ud55c"),
        ("ascii", r"~ 4 us, 2x, -3 - ... \ud55c"),
    ],
)
def test_a_letter_that_an_encoding_lacks_is_written_plainly(encoding: str, written: str) -> None:
    data = "≈ 4 µs, 2×, −3 — … 한".encode(encoding, errors=ENCODING_ERRORS)
    assert data.decode(encoding) == written


def test_no_letter_is_left_that_controls_or_turns() -> None:
    shown = legible("".join(map(chr, range(sys.maxunicode + 1))))
    left = {unicodedata.category(letter) for letter in shown} & {"Cc", "Cs", "Zl", "Zp", "Cf"}
    assert left == {"Cc", "Cf"}  # the tabulator, and the joiners
    assert controlling_in(shown) == set()


def test_a_shell_shows_no_controlling_letter_of_any_text_of_a_run() -> None:
    run = speaking(CONTROLLING)
    shown = report([run], width=80) + "\n".join(differences([run, speaking("3.12")]))
    assert controlling_in(shown) == set()
    assert r"\x1b" in shown


def test_a_text_of_a_run_makes_no_line_of_its_own() -> None:
    lines = [len(report([speaking(text)], width=80).splitlines()) for text in ("a b", "a\nb\x85c")]
    assert lines[0] == lines[1]


def test_sentences_hold_no_controlling_letter() -> None:
    run = speaking(CONTROLLING)
    for sentences in (findings_text(run), explain([run]), explain([run, run]), *differences([run])):
        assert controlling_in(sentences) == set()


ENOUGH_TO_REDUCE = MAX_SPANS // len(speaking("").spans.state) + 1
"""So many copies of the run are drawn as what a screen can show of them, fewer span by span."""


@pytest.mark.parametrize("copies", [1, ENOUGH_TO_REDUCE])
def test_no_chart_holds_a_controlling_letter(copies: int) -> None:
    panels = panels_of([speaking(CONTROLLING)] * copies)
    figure = chart.draw(panels, strips=list(Strip)).figure()
    assert controlling_in(json.dumps(json.loads(figure.to_json()), ensure_ascii=False)) == set()


def test_a_table_for_spreadsheets_holds_no_controlling_letter() -> None:
    assert controlling_in(csv([speaking(CONTROLLING)]).decode()) == set()


def test_the_error_about_a_file_shows_what_it_says() -> None:
    assert str(BadFile("jobs[0].\x1b", "it is \u202eno")) == r"jobs[0].\x1b: it is \u202eno"


@pytest.mark.parametrize(
    ("text", "shown"), [("abc", "abc"), ("abcd", "ab…"), ("\x00bcd", r"\x00b…")]
)
def test_a_longer_text_is_cut_before_it_is_made_legible(text: str, shown: str) -> None:
    assert shortened(text, 3) == shown


def test_a_line_of_any_length_is_shown_in_part() -> None:
    assert len(report([speaking("long " * 10**6)], width=80)) < 20_000


def test_a_korean_letter_takes_two_columns() -> None:
    assert display_width("gather") == 6
    assert display_width("작업 1") == 6


def test_padding_counts_columns_rather_than_letters() -> None:
    assert padded("작업", 6) == "작업  "
    assert padded("ab", 6, to_the_right=True) == "    ab"


def test_a_text_wider_than_its_column_stays_whole() -> None:
    assert padded("sequential", 3) == "sequential"


def test_numbers_stand_to_the_right_and_no_line_ends_in_spaces() -> None:
    rows = [("name", "time"), ("a", "10.0 ms"), ("longer", "1 ms")]
    shown = table(rows, numbers_from=1, width=80)
    assert shown == "name       time\na       10.0 ms\nlonger     1 ms"
    assert table([("a", "b"), ("aa", "")], numbers_from=2, width=80) == "a   b\naa"


def test_a_table_that_is_too_wide_is_broken_at_spaces_but_not_inside_of_a_measure() -> None:
    rows = [("pattern", "wall time", "overhead"), ("gather (cpu)", "1.01 s", "5.02 ms (+0.5%)")]
    assert table(rows, numbers_from=1, width=40).count("\n") == 1
    for width in range(25, 40):
        lines = table(rows, numbers_from=1, width=width).splitlines()
        assert max(map(len, lines)) <= width
        assert len(lines) > 2
    assert table(rows, numbers_from=1, width=1).splitlines() == [
        "pattern    wall  overhead",
        "           time",
        "gather   1.01 s   5.02 ms",
        "(cpu)             (+0.5%)",
    ]


def test_a_text_is_broken_at_spaces_by_the_columns_that_its_letters_take() -> None:
    assert wrapped("one two three", 7, indent="  ") == "one two\n  three"
    assert wrapped("하나 둘 셋", 7) == "하나 둘\n셋"
    assert wrapped("  a  b\n\nincomprehensibilities", 6) == "  a  b\n\nincomprehensibilities"
