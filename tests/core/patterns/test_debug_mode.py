"""asyncio's debug mode says which step held the loop for long."""

import logging
from collections.abc import Iterator

import pytest

from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


def test_each_step_over_a_tenth_of_a_second_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    timeline = run_sleeping("debug_mode", 4, 0.2).timeline
    assert ended_ms(timeline) == [200, 400, 400, 600]
    warnings = warnings_in(caplog)
    assert len(warnings) == 2
    for warning in warnings:
        assert warning.startswith("Executing <Task ")
        assert "coro=<blocking_call.<locals>.call() done, " in warning
        assert warning.endswith(" took 0.200 seconds")


def test_shorter_steps_are_let_pass(caplog: pytest.LogCaptureFixture) -> None:
    assert run_sleeping("debug_mode", 4, 0.09).returned.value == NAMES[4]
    assert warnings_in(caplog) == []


def test_without_debug_mode_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    run_sleeping("blocking_call", 4, 0.2)
    assert warnings_in(caplog) == []
