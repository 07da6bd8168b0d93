import numpy as np
import plotly.graph_objects as go
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.metrics import InFlight
from core.charts.axis import TimeAxis
from core.charts.flight_strip import MAX_POINTS, draw, in_view, thinned
from core.charts.stack import Row, stacked
from core.timeline.timeline import State, Timeline
from tests.core.handmade import timeline


def strip(run: Timeline) -> go.Figure:
    (plot,) = stacked([Row(height_px=64)], TimeAxis(end_ns=run.end_ns))
    draw(plot, run)
    return plot.sheet.figure()


def test_the_line_goes_up_where_a_job_begins_and_down_where_it_ends() -> None:
    run = timeline((0, State.RUNNING, 0, 30), (1, State.RUNNING, 10, 20), wall_ms=30)
    figure = strip(run)
    (trace,) = figure.data
    assert np.asarray(trace.x).tolist() == [0, 10, 20, 30]
    assert np.asarray(trace.y).tolist() == [1, 2, 1, 0]
    assert trace.line.shape == "hv"
    assert figure.layout.yaxis.ticktext == ("2 at once",)


def test_jobs_that_never_began_are_never_in_flight() -> None:
    figure = strip(timeline((0, State.WAITING, 0, 30), wall_ms=30))
    assert figure.layout.yaxis.ticktext == ("none at once",)


def test_few_points_are_drawn_as_they_are() -> None:
    flight = InFlight(at_ns=np.array([0, 5]), count=np.array([1, 0]))
    assert thinned(flight, 10) is flight


@given(
    st.integers(MAX_POINTS + 1, 3 * MAX_POINTS), st.integers(0, 2**32 - 1), st.integers(1, 1_000)
)
def test_thinning_keeps_the_peak_and_stays_above_the_numbers(
    points: int, seed: int, apart_ns: int
) -> None:
    steps = np.random.default_rng(seed).choice([-1, 1], points)
    count = np.maximum(np.cumsum(steps), 0)
    flight = InFlight(at_ns=np.arange(len(count)) * apart_ns, count=count)
    few = thinned(flight, int(flight.at_ns[-1]))
    assert len(few.at_ns) == len(few.count) == MAX_POINTS
    assert few.count.max() == count.max()
    shown = few.count[np.searchsorted(few.at_ns, flight.at_ns, side="right") - 1]
    assert (shown >= count).all()


def test_in_view_the_line_begins_with_what_was_in_flight_before_and_ends_with_the_view() -> None:
    flight = InFlight(at_ns=np.array([0, 10, 20, 30]), count=np.array([1, 3, 2, 0]))
    seen = in_view(flight, TimeAxis(start_ns=15, end_ns=25))
    assert seen.at_ns.tolist() == [15, 20, 25]
    assert seen.count.tolist() == [3, 2, 2]


def test_before_the_first_job_nothing_is_in_flight() -> None:
    flight = InFlight(at_ns=np.array([10, 30]), count=np.array([1, 0]))
    seen = in_view(flight, TimeAxis(start_ns=5, end_ns=8))
    assert seen.count.tolist() == [0, 0]
