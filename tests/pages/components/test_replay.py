from core.timeline import State
from pages.components.replay import arrivals
from tests.core.handmade import MS, timeline


def test_the_runs_come_home_in_the_order_of_their_wall_times() -> None:
    slow, quick = (
        timeline((0, State.WAITING, 0, wall_ms), wall_ms=wall_ms, pattern=pattern)
        for pattern, wall_ms in (("sequential", 900), ("gather", 200))
    )
    assert arrivals([slow, quick]) == [
        {"wall_ns": 200 * MS, "text": "gather: 200 ms"},
        {"wall_ns": 900 * MS, "text": "sequential: 900 ms"},
    ]
