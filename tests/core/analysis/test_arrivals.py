from dataclasses import replace

import pytest

from core.analysis import metrics
from core.analysis.arrivals import Arrival, arrivals, ranked
from core.timeline.timeline import Outcome, State
from tests.core.handmade import MS, timeline


def test_the_runs_come_home_in_the_order_of_their_wall_times() -> None:
    slow, quick = (
        timeline((0, State.WAITING, 0, wall_ms), wall_ms=wall_ms, pattern=pattern)
        for pattern, wall_ms in (("sequential", 900), ("gather", 200))
    )
    assert arrivals([slow, quick]) == [
        Arrival(wall_ns=200 * MS, rank=1, text="gather: 200 ms"),
        Arrival(wall_ns=900 * MS, rank=2, text="sequential: 900 ms"),
    ]


def test_runs_whose_times_read_the_same_share_a_rank() -> None:
    runs = [timeline((0, State.WAITING, 0, 10), wall_ms=wall_ms) for wall_ms in (20, 10, 10)]
    assert [each.rank for each in arrivals(runs)] == [1, 1, 3]


def test_only_runs_that_did_all_their_jobs_have_a_first_and_a_last() -> None:
    done = timeline((0, State.WAITING, 0, 10), wall_ms=10)
    lost = replace(done, jobs=replace(done.jobs, outcome=(Outcome.LOST,)))
    assert ranked([done, done])
    assert not ranked([done, lost])
    assert not ranked([done])


def test_a_run_that_the_machine_disturbed_is_marked_and_none_is_first_or_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics, "LEAST_DISTURBED_SHARE", 0.05)
    calm = timeline((0, State.WAITING, 0, 10), wall_ms=10)
    disturbed = replace(calm, disturbed_ns=5 * MS)
    assert ranked([calm, calm])
    assert not ranked([calm, disturbed])
    assert [each.text for each in arrivals([calm, disturbed])] == [
        "gather: 10.0 ms",
        "gather: 10.0 ms (disturbed for 5.00 ms)",
    ]
