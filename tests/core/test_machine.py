import concurrent.futures
import math
import sys
from pathlib import Path

import pytest

from core.machine import cpu_count, default_pool_size, has_gil, processors, quota_in


def test_the_default_pool_is_as_large_as_python_makes_it() -> None:
    with concurrent.futures.ThreadPoolExecutor() as pool:
        assert vars(pool)["_max_workers"] == default_pool_size()


def test_there_is_at_least_one_processor() -> None:
    assert cpu_count() >= 1


def test_an_interpreter_that_cannot_do_without_has_the_gil() -> None:
    assert has_gil() or sys.version_info >= (3, 13)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "150000 100000"}, 1.5),
        ({"cpu.max": "max 100000"}, math.inf),
        ({"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"}, 0.5),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, math.inf),
        ({}, math.inf),
    ],
)
def test_a_container_may_use_the_processors_of_its_quota(
    files: dict[str, str], expected: float, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    assert quota_in(tmp_path) == expected


def test_there_are_no_more_processors_than_the_machine_has() -> None:
    assert 0 < processors() <= cpu_count()
