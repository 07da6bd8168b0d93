from dataclasses import astuple

from core.charts.detail import Detail


def test_one_run_and_two_have_full_detail() -> None:
    assert Detail.of_each(1) == Detail.of_each(2)
    assert Detail.of_each(1).marks == 300


def test_the_more_runs_there_are_the_less_detail_has_each_and_none_has_nothing() -> None:
    for fewer, more in ((2, 3), (4, 8), (8, 40)):
        pairs = zip(astuple(Detail.of_each(fewer)), astuple(Detail.of_each(more)), strict=True)
        assert all(0 < less <= much for much, less in pairs)
