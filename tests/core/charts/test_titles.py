from dataclasses import replace

from core.analysis.summary import factor_text
from core.charts.titles import panels_of, title
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State
from tests.core.handmade import MS, timeline

SPEC = RunSpec(pattern="gather", tasks=2, sleep_s=0.01)
SLOW = timeline(
    (0, State.WAITING, 0, 90), (1, State.WAITING, 0, 90), wall_ms=90, pattern="sequential"
)
QUICK = timeline((0, State.WAITING, 0, 10), (1, State.WAITING, 0, 10), wall_ms=10)


def test_a_run_to_come_is_titled_with_its_ideal() -> None:
    assert title(SPEC) == "<b>gather</b> — ideally 10.0 ms"


def test_a_run_that_was_ended_early_says_after_how_long() -> None:
    assert title(SPEC, QUICK, ended_early=True).startswith(
        "<b>gather</b> — ended early, after <b>10.0 ms</b>"
    )


def test_every_run_but_the_first_is_compared_with_the_first() -> None:
    slow, quick = panels_of([SLOW, QUICK])
    assert slow.title == "<b>sequential</b> — <b>90.0 ms</b>"
    assert quick.title == "<b>gather</b> — <b>10.0 ms</b>, " + factor_text(9)


def test_the_pool_of_a_run_stands_small_below() -> None:
    pooled = RunSpec(
        pattern="run_in_executor", tasks=2, sleep_s=0.01, executor="threads", workers=3
    )
    assert '<br><span style="font-size:12px">' in title(pooled)


def test_a_run_that_the_machine_disturbed_has_a_mark_in_place_of_a_speed_up() -> None:
    disturbed = replace(QUICK, disturbed_ns=3 * MS)
    slow, quick = panels_of([SLOW, disturbed])
    assert slow.title == "<b>sequential</b> — <b>90.0 ms</b>"
    assert quick.title == "<b>gather</b> — <b>10.0 ms</b>, disturbed for 3.00 ms"
    assert title(SPEC, disturbed) == quick.title


def test_nothing_is_compared_with_a_first_run_that_was_disturbed() -> None:
    slow, quick = panels_of([replace(SLOW, disturbed_ns=9 * MS), QUICK])
    assert slow.title == "<b>sequential</b> — <b>90.0 ms</b>, disturbed for 9.00 ms"
    assert quick.title == "<b>gather</b> — <b>10.0 ms</b>"
