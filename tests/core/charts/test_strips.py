import pytest

from core.charts.axis import TimeAxis
from core.charts.layout import Row, stacked
from core.charts.strips import STRIPS, Strip
from core.timeline.timeline import Timeline
from tests.kit.handmade import timeline


def test_every_strip_has_its_kind() -> None:
    assert set(STRIPS) == set(Strip)


@pytest.mark.parametrize("strip", Strip)
@pytest.mark.parametrize("run", [None, timeline(wall_ms=0), timeline(wall_ms=5)])
def test_a_strip_of_nothing_still_names_itself(strip: Strip, run: Timeline | None) -> None:
    (plot,) = stacked([Row(height_px=28)], TimeAxis(end_ns=run.end_ns if run else 0))
    STRIPS[strip].draw(plot, run)
    assert len(plot.sheet.figure().layout.yaxis.ticktext) == 1
    assert plot.sheet.figure().layout.yaxis.ticktext[0]
