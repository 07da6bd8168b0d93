"""The benchmark of openings reads what a page and a shell say; its figures are not judged."""

import pytest

from benchmarks.openings import Seen, from_a_shell, row, seen, share_of, tables


def test_an_overhead_is_read_as_the_page_writes_it() -> None:
    assert share_of("3.32 ms (+1.7%)") == pytest.approx(0.017)
    assert share_of("−2.00 ms (−1.0%)") == pytest.approx(-0.01)
    assert share_of("2.00 s (+1,000.0%)") == pytest.approx(10)


def test_only_a_line_that_is_named_counts_as_accused() -> None:
    placed = "library.py:12 held the event loop for 93.0 ms."
    quoted = "`time.sleep(0.2)` held the event loop 2 times, for up to 200 ms."
    text = f"{placed} A step held the event loop for 11 ms. {quoted}"
    assert seen([0.5], text, busy=0.0).accused == 2


def test_each_way_of_measuring_has_a_row_of_its_worst_runs() -> None:
    calm = seen([0.01, 0.02], "", busy=0.1)
    disturbed = seen([0.01, 0.25], "The machine disturbed gather.", busy=1.0)
    assert row("opening", [calm, disturbed, calm]) == (
        *("opening", "3", "25.0%", "2.0%"),
        *("1", "0", "1", "0.1 to 1.0"),
    )
    assert len(tables([row("opening", [calm])]).splitlines()) == 5


@pytest.mark.real
def test_a_shells_comparison_is_read_from_what_it_prints() -> None:
    (found,) = from_a_shell(1, patience_s=0)
    assert isinstance(found, Seen)
    assert len(found.shares) == 3
    assert min(found.shares) > 0
    assert found.text.startswith("5 jobs of 200 ms: sequential took ")
