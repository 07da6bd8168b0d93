from dataclasses import replace

from core.charts.kinds import BLOCKING, CONNECTING, KINDS, kind_looks, kinds_of
from core.timeline.timeline import On, State
from tests.core.handmade import timeline


def test_every_state_is_a_kind_and_blocking_and_connecting_are_kinds_of_their_own() -> None:
    spans = [(job, state, 0, 1) for job, state in enumerate(State)]
    run = timeline(*spans, (5, State.RUNNING, 1, 11), (6, State.WAITING, 0, 50), wall_ms=50).spans
    on = run.on.copy()
    on[[State.RUNNING, 6]] = On.CONNECTION
    assert kinds_of(replace(run, on=on)).tolist() == [*State, BLOCKING, CONNECTING]


def test_each_kind_has_a_look_of_its_own() -> None:
    assert len({look.name for look in kind_looks()}) == KINDS
    assert [kind_looks()[kind].name for kind in (State.RUNNING, BLOCKING)] == [
        "running",
        "blocking",
    ]
