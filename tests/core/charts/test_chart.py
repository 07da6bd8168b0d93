from core.charts import chart
from core.charts.gantt import gantt
from core.charts.lanes import LaneView
from core.charts.panel import Panel
from core.charts.strips import Strip
from core.spec import RunSpec
from core.timeline import State
from tests.core.handmade import timeline

SPANS = (0, State.RUNNING, 0, 1), (0, State.WAITING, 1, 9), (1, State.RUNNING, 1, 2)


def test_a_small_run_is_drawn_in_exact_bars() -> None:
    run = timeline(*SPANS, wall_ms=10)
    panels = [Panel(spec=run.spec, title="a run", timeline=run)]
    panels.append(Panel(spec=RunSpec(pattern="sequential", tasks=3, sleep_s=0.2), title="to come"))
    for view in LaneView:
        drawn = chart.draw(panels, view=view, strips=[Strip.LOOP], ink="#123456")
        assert drawn == gantt(panels, view=view, strips=[Strip.LOOP], ink="#123456")
