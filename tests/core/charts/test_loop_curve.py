import numpy as np
import pytest

from core.analysis.metrics import loop_busy_ns
from core.charts import loop_curve
from core.charts.axis import TimeAxis
from core.charts.bins import Bins
from core.charts.collected import Sheet
from core.charts.plot import Plot
from tests.core.charts.large import large_run
from tests.core.handmade import MS, timeline

RUN = timeline(wall_ms=100, steps_ms=[(0, 1), (20, 45), (60, 60)])


def drawn(shares: loop_curve.LoopShares) -> Sheet:
    plot = Plot(sheet=Sheet(), axis=TimeAxis(end_ns=shares.bins.end_ns), x="x", y="y")
    plot.sheet.layout["yaxis"] = {}
    loop_curve.section(shares, "event loop").draw(plot)
    return plot.sheet


def test_each_bin_has_the_share_of_its_time_that_the_loop_was_busy() -> None:
    found = loop_curve.loop_shares(RUN.steps_of_run, Bins.over(0, 100 * MS, 5))
    assert found.busy.tolist() == [0.05, 1.0, 0.25, 0, 0]
    assert found.blocking.tolist() == [0, 1.0, 0.25, 0, 0]
    assert found.blocking_begun.tolist() == [0, 1, 0, 0, 0]


@pytest.mark.parametrize("most", [1, 3, 400])
def test_the_shares_add_up_to_the_time_that_the_loop_was_busy(most: int) -> None:
    run = large_run(500)
    found = loop_curve.loop_shares(run.steps_of_run, Bins.over(0, run.end_ns, most))
    assert found.busy.sum() * found.bins.width_ns == pytest.approx(loop_busy_ns(run), rel=1e-9)


def test_the_height_is_the_square_root_of_the_share_and_what_blocks_lies_on_top() -> None:
    sheet = drawn(loop_curve.loop_shares(RUN.steps_of_run, Bins.over(0, 100 * MS, 5)))
    running, blocking = (trace for trace in sheet.traces if "stackgroup" in trace)
    assert (running["name"], blocking["name"]) == ("running", "blocking")
    assert running["y"][:3].tolist() == pytest.approx([0.05**0.5, 0, 0])
    assert blocking["y"][:3].tolist() == pytest.approx([0, 1, 0.5])


def test_a_pointer_reads_the_shares_and_how_many_steps_block() -> None:
    sheet = drawn(loop_curve.loop_shares(RUN.steps_of_run, Bins.over(0, 100 * MS, 5)))
    trace = sheet.traces[-1]
    assert np.allclose(trace["customdata"][0, 1], [1, 1, 1])
    assert "the height is the square root of the share" in trace["hovertemplate"]
    assert "of 20.0 ms" in trace["hovertemplate"]
