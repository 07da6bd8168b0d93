from dataclasses import asdict

from core.charts.detail import Detail


def amounts(panels: int) -> dict[str, int]:
    detail = Detail.of_each(panels)
    return asdict(detail) | {"columns_a_bin": 1, "columns": detail.columns}


def test_one_run_and_two_have_full_detail() -> None:
    assert Detail.of_each(1) == Detail.of_each(2)
    assert Detail.of_each(1).marks == 300


def test_the_more_runs_there_are_the_less_detail_has_each_and_none_has_nothing() -> None:
    for fewer, more in ((2, 3), (4, 8), (8, 40)):
        much, less = amounts(fewer), amounts(more)
        assert all(0 < less[name] <= much[name] for name in much)
