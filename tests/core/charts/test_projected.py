import re
from collections.abc import Callable

import plotly.graph_objects as go
import pytest

from core.charts.panel import Panel
from core.charts.projected import FACTOR, HEIGHT_FACTOR, LEAST_PX, project
from core.charts.strips import STRIPS
from core.timeline.timeline import State
from tests.core.charts.figures import gantt, overview
from tests.kit.handmade import timeline

RUN = timeline((0, State.WAITING, 0, 9), (0, State.RUNNING, 9, 10), wall_ms=10, steps_ms=[(9, 10)])
TITLE = '<b>gather</b><br><span style="font-size:12px">5 tasks</span>'


def sizes_of(figure: go.Figure) -> list[float]:
    layout = figure.layout.to_plotly_json()
    layout.pop("template", None)  # it has sizes that are not of texts
    return [float(size) for size in re.findall(r"'size': ([\d.]+)", repr(layout))]


@pytest.mark.parametrize("draw", [gantt, overview])
def test_no_text_of_a_projected_chart_is_too_small_and_none_is_enlarged_twice(
    draw: Callable[..., go.Figure],
) -> None:
    panel = Panel(spec=RUN.spec, title=TITLE, timeline=RUN)
    figure = draw([panel, panel], strips=list(STRIPS), ink="#000000")
    largest = max(sizes_of(figure))
    project(figure)
    sizes = sizes_of(figure)
    assert len(sizes) > 5
    assert min(sizes) >= LEAST_PX
    assert max(sizes) <= largest * FACTOR
    assert all(f"font-size:{LEAST_PX}px" in title for title in titles_of(figure))


def titles_of(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations if note.text.startswith(TITLE[:10])]


def test_the_texts_in_bars_are_large_enough_when_projected() -> None:
    figure = gantt([Panel(spec=RUN.spec, title=TITLE, timeline=RUN)])
    project(figure)
    assert min(bar.textfont.size for bar in figure.select_traces({"type": "bar"})) >= LEAST_PX


def test_a_projected_chart_is_higher_all_over() -> None:
    figure = gantt([Panel(spec=RUN.spec, title=TITLE, timeline=RUN)])
    height, margin = figure.layout.height, figure.layout.margin.t
    project(figure)
    assert figure.layout.height == round(height * HEIGHT_FACTOR)
    assert figure.layout.margin.t == round(margin * HEIGHT_FACTOR)
