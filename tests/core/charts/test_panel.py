from dataclasses import replace

from core.charts.panel import Panel
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State
from tests.core.handmade import MS, timeline

SPEC = RunSpec(pattern="gather", tasks=1, sleep_s=0.2)


def test_a_panel_reaches_to_the_later_of_ideal_and_measured_end() -> None:
    late = replace(timeline((0, State.WAITING, 0, 1_500), wall_ms=1_500), spec=SPEC)
    early = timeline((0, State.WAITING, 0, 5), wall_ms=5, spec=SPEC, finished=False)
    assert Panel(spec=SPEC, title="late", timeline=late).end_ns == 1_500 * MS
    assert Panel(spec=SPEC, title="early", timeline=early).end_ns == 200 * MS


def test_a_run_yet_to_come_reaches_to_its_ideal() -> None:
    assert Panel(spec=SPEC, title="to come").end_ns == 200 * MS
