"""wait, again and again, for whatever is done first."""

import asyncio

import pytest

from core.jobs import Spread
from core.patterns import PATTERNS
from tests.kit.sleeping import NAMES, error_of, printed, run_sleeping
from tests.kit.virtual import ended_ms, run_virtually, whole_ms


def test_the_result_of_the_job_that_ends_first_comes_first() -> None:
    ran = run_sleeping("wait_first", 3, 0.3, Spread.FALLING)
    assert ended_ms(ran.timeline) == [300, 200, 100]
    assert ran.returned.value == NAMES[3][::-1]


def test_after_each_wait_it_is_known_how_many_are_to_come() -> None:
    ran = run_sleeping("wait_first", 3, 0.3, Spread.FALLING)
    assert printed(ran, "received") == [
        (100, "received: job 3"),
        (200, "received: job 2"),
        (300, "received: job 1"),
    ]
    assert printed(ran, "to come") == [
        (100, "2 to come"),
        (200, "1 to come"),
        (300, "0 to come"),
    ]


def test_jobs_that_end_together_are_received_together(capsys: pytest.CaptureFixture[str]) -> None:
    signal = asyncio.Event()

    async def job(index: int) -> int:
        asyncio.get_running_loop().call_later(0.1, signal.set)
        await signal.wait()
        return index

    ran = run_virtually(PATTERNS["wait_first"], job, 3)
    assert sorted(ran.returned.value) == [0, 1, 2]  # type: ignore[call-overload]
    received, to_come = capsys.readouterr().out.splitlines()
    assert sorted(received.removeprefix("received: ").split()) == ["0", "1", "2"]
    assert to_come == "0 to come"


def test_a_failure_ends_the_pattern_when_it_is_the_first() -> None:
    ran = run_sleeping("wait_first", 3, 0.3, Spread.FALLING, failing=1, failing_after_s=0.15)
    assert error_of(ran) == "RuntimeError: job 1 went wrong"
    assert ran.timeline.jobs.outcome == ("failed", "cancelled", "ok")
    assert whole_ms(ran.timeline) == 150
