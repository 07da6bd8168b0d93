import concurrent.futures
import sys

from core.machine import cpu_count, default_pool_size, has_gil


def test_the_default_pool_is_as_large_as_python_makes_it() -> None:
    with concurrent.futures.ThreadPoolExecutor() as pool:
        assert vars(pool)["_max_workers"] == default_pool_size()


def test_there_is_at_least_one_processor() -> None:
    assert cpu_count() >= 1


def test_an_interpreter_that_cannot_do_without_has_the_gil() -> None:
    assert has_gil() or sys.version_info >= (3, 13)
