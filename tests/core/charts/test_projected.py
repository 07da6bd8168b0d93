import re

from core.charts.gantt import gantt
from core.charts.panel import Panel
from core.charts.projected import HEIGHT_FACTOR, LEAST_PX, project
from core.charts.strips import STRIPS
from core.timeline import State
from tests.core.handmade import timeline

RUN = timeline((0, State.WAITING, 0, 9), (0, State.RUNNING, 9, 10), wall_ms=10, steps_ms=[(9, 10)])
TITLE = '<b>gather</b><br><span style="font-size:12px">5 tasks</span>'


def test_no_text_of_a_projected_chart_is_too_small() -> None:
    figure = gantt(
        [Panel(spec=RUN.spec, title=TITLE, timeline=RUN)], strips=list(STRIPS), ink="#000"
    )
    project(figure)
    layout = figure.layout.to_plotly_json()
    layout.pop("template", None)  # hatch patterns have a size there, and are no texts
    told = repr(layout).replace("'", '"')
    sizes = [float(size) for size in re.findall(r'(?<=[^r])"size":\s*([\d.]+)', told)]
    assert len(sizes) > 5
    assert min(sizes) >= LEAST_PX
    assert min(bar.textfont.size for bar in figure.select_traces({"type": "bar"})) >= LEAST_PX
    assert f"font-size:{LEAST_PX}px" in figure.layout.annotations[0].text


def test_a_projected_chart_is_higher_all_over() -> None:
    figure = gantt([Panel(spec=RUN.spec, title=TITLE, timeline=RUN)])
    height, margin = figure.layout.height, figure.layout.margin.t
    project(figure)
    assert figure.layout.height == round(height * HEIGHT_FACTOR)
    assert figure.layout.margin.t == round(margin * HEIGHT_FACTOR)
