import random

import pytest

from core.spec.ideal import ideal_of
from core.spec.run_spec import RunSpec
from tests.kit.refusing import run_refused
from tests.kit.sleeping import NAMES
from tests.kit.virtual import ended_ms


def test_the_longest_pause_doubles_with_each_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda _least, most: most)
    ran, asked_ms = run_refused("retry_with_backoff", 6, timeout_s=2)
    assert asked_ms == [[0], [0], [0, 100], [0, 100], [0, 100, 300], [0, 100, 300]]
    assert ended_ms(ran.timeline) == [50, 50, 150, 150, 350, 350]
    assert ran.returned.value == NAMES[6]


def test_the_pause_is_drawn_by_lot_from_nothing_to_the_longest() -> None:
    random.seed(1)
    drawn = [random.uniform(0, 0.1) for _ in range(2)]
    random.seed(1)
    ran, asked_ms = run_refused("retry_with_backoff", 4, timeout_s=2)
    assert [each[1] for each in asked_ms[2:]] == [int(pause_s * 1_000) for pause_s in drawn]
    assert ran.returned.value == NAMES[4]


def test_a_job_that_is_not_served_in_time_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda _least, most: most)
    ran, _ = run_refused("retry_with_backoff", 6, timeout_s=0.2)
    assert ended_ms(ran.timeline) == [50, 50, 150, 150, 200, 200]
    assert ran.timeline.jobs.outcome.count("failed") == 2


def test_what_is_drawn_by_lot_has_no_ideal() -> None:
    assert ideal_of(RunSpec(pattern="retry_with_backoff")) is None
