from core.text.table import display_width, padded, table


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
    assert table(rows, numbers_from=1) == "name       time\na       10.0 ms\nlonger     1 ms"
    assert table([("a", "b"), ("aa", "")], numbers_from=2) == "a   b\naa"
