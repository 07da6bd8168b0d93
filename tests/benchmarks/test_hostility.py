"""The hostility benchmark during one attack: how soon another session is answered."""

import asyncio

import pytest

from benchmarks.hostility import MOVES, Felt, beside, headings, rows, unknown_names
from tests.kit.server import running_app


@pytest.mark.real
def test_reruns_are_timed_before_an_attack_and_beside_it() -> None:
    with running_app() as server:
        felt = asyncio.run(beside(server, unknown_names))
    assert len(felt.before_s) == MOVES <= len(felt.beside_s)
    assert min(felt.before_s + felt.beside_s) > 0


def test_a_row_tells_the_median_and_the_slowest_rerun_in_milliseconds() -> None:
    felt = Felt(before_s=[0.010, 0.020, 0.030], beside_s=[0.040, 0.050, 0.9])
    assert rows({"shouts": felt}) == [["shouts", "3", "20 ms", "50 ms", "900 ms"]]
    assert len(headings()) == 5
