"""The dashed line at which the pattern of a run returned."""

from core.charts.palette import ON_LIGHT
from core.charts.plot import Plot
from core.timeline.timeline import Timeline

ON_LIGHT_PAPER, ON_DARK_PAPER = "rgba(255,255,255,0.6)", "rgba(0,0,0,0.6)"
PAPER_PX, DASHES_PX = 4, 1.5
BRIGHT_FROM = 3 * 128
"""The sum of red, green and blue from which an ink is one for dark paper."""


def draw(plot: Plot, timeline: Timeline | None) -> None:
    """Draw the end of a run that has one in view: dashes of the page's ink upon its paper.

    So they are seen on bars of every colour, and in the gaps between them. Without an ink the page
    is taken for a light one.
    """
    if timeline is None or not timeline.finished or not plot.axis.shows(timeline.wall_ns):
        return
    end = timeline.wall_ns / plot.axis.unit_ns
    ink = plot.ink or ON_LIGHT
    paper = ON_DARK_PAPER if _is_bright(ink) else ON_LIGHT_PAPER
    for line in (
        {"color": paper, "width": PAPER_PX},
        {"color": ink, "width": DASHES_PX, "dash": "dash"},
    ):
        plot.shape(type="line", x0=end, x1=end, line=line)


def _is_bright(colour: str) -> bool:
    return sum(bytes.fromhex(colour.removeprefix("#"))) >= BRIGHT_FROM
