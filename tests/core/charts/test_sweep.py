"""The charts of a sweep."""

from typing import Any

import plotly.graph_objects as go
import pytest

from core.charts import sweep as charts
from core.charts.figure import Style
from core.charts.sweep import LINES
from core.spec.limits import default_pool_size
from core.sweep import Series, Sweep
from tests.core.charts.figures import figured
from tests.kit.points import point

makespan, lateness, memory, processor, startup = map(
    figured, (charts.makespan, charts.lateness, charts.memory, charts.processor, charts.startup)
)
ALL = Sweep(series=tuple(Series), sleep_s=0.1, largest=1_000)
POINTS = [
    point(Series.COROUTINES, 1_000, 140, late_50_ns=30_000_000, late_99_ns=50_000_000),
    point(Series.COROUTINES, 1, 100.5),
    point(Series.POOL, 1, 101, startup_ns=0),
]


def traces(figure: go.Figure, series: Series) -> list[Any]:
    return [trace for trace in figure.data if trace.legendgroup == series]


def measured(figure: go.Figure, series: Series) -> Any:
    (trace,) = [each for each in traces(figure, series) if each.mode == "lines+markers"]
    return trace


def test_each_series_has_a_colour_and_a_sign_of_its_own() -> None:
    assert set(LINES) == set(Series)
    assert len({look.look for look in LINES.values()}) == len(Series)
    assert len({look.symbol for look in LINES.values()}) == len(Series)


def test_wall_times_stand_over_their_ideals_by_the_number_of_jobs() -> None:
    figure = makespan(ALL, POINTS)
    line = measured(figure, Series.COROUTINES)
    assert (line.x, line.y) == ((1, 1_000), (0.1005, 0.14))
    ideal, _ = traces(figure, Series.COROUTINES)
    assert ideal.x == ALL.counts
    assert set(ideal.y) == {0.1}


def test_the_ideal_of_the_pool_is_so_many_waves_and_is_known_before_any_run() -> None:
    ideal, line = traces(makespan(ALL, []), Series.POOL)
    waves = [-(-jobs // default_pool_size()) for jobs in ALL.counts]
    assert ideal.y == pytest.approx([0.1 * each for each in waves])
    assert line.x == ()


def test_the_ideal_ends_where_no_more_jobs_are_allowed() -> None:
    ideal, _ = traces(makespan(ALL, []), Series.PROCESSES)
    assert max(ideal.x) == 30


def test_lateness_is_drawn_at_the_median_and_for_99_percent() -> None:
    median, most = traces(lateness(ALL, POINTS), Series.COROUTINES)
    assert (median.x, median.y) == ((1, 1_000), (1, 30))
    assert (most.x, most.y) == ((1, 1_000), (3, 50))
    assert most.line.dash == "dash"


def test_the_processor_time_of_each_run_is_drawn_by_its_number_of_jobs() -> None:
    line = measured(processor(ALL, POINTS), Series.COROUTINES)
    in_order = (POINTS[1], POINTS[0])
    assert list(zip(line.x, line.y, strict=True)) == [
        (each.jobs, each.cpu_ns / 1_000_000) for each in in_order
    ]


def test_memory_is_drawn_for_each_job_and_named_with_its_unit() -> None:
    line = measured(memory(ALL, POINTS), Series.COROUTINES)
    assert line.y == (3, 3)
    assert line.customdata == ("3.00 kB", "3.00 kB")


def test_a_value_of_nothing_has_no_place_on_a_log_axis() -> None:
    figure = startup(ALL, POINTS)
    assert measured(figure, Series.POOL).x == ()
    assert measured(figure, Series.COROUTINES).y == (5, 5)
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")


def test_only_the_first_chart_names_the_series() -> None:
    names = [trace.name for trace in makespan(ALL, []).data if trace.showlegend]
    assert names == [*(series.text for series in Series), "ideal"]
    assert not memory(ALL, POINTS).layout.showlegend


def test_text_is_written_in_the_ink_that_is_asked_for() -> None:
    layout = makespan(ALL, [], Style(ink="#123456")).layout
    inks = {layout.xaxis.tickfont.color, layout.yaxis.title.font.color, layout.legend.font.color}
    assert inks == {"#123456"}
