"""What is drawn before a run begins and where it ends: its pool's start-up, and a dashed line."""

from core.analysis.span_classes import ON_LIGHT
from core.charts.figure import Plot
from core.charts.palette import QUIET
from core.text.language import _
from core.text.numbers import duration_text
from core.timeline.timeline import Timeline

WORTH_SHOWING_NS = 1_000_000
MOST_SHARE = 0.16
LABELLED_SHARE = 0.03
LABEL_PX = 12


def startup_shown_ns(timeline: Timeline | None, end_ns: int) -> int:
    """Return how much of a pool's start-up a chart shows: all, unless the runs would get lost."""
    if timeline is None or timeline.startup_ns < WORTH_SHOWING_NS:
        return 0
    return min(timeline.startup_ns, round(end_ns * MOST_SHARE))


def draw_startup(plot: Plot, timeline: Timeline | None) -> None:
    """Draw the start-up as a bar over all rows that ends where the run begins.

    Where there is room for a text, it gives the true length; of a bar that is cut off it begins
    with three dots.
    """
    shown = min(startup_shown_ns(timeline, plot.axis.end_ns), plot.axis.before_ns)
    if timeline is None or not shown:
        return
    start = -shown * 1.0 / plot.axis.unit_ns
    looks = {"fillcolor": QUIET, "opacity": 0.18, "line": {"width": 0}}
    plot.shape(type="rect", x0=start, x1=0, **looks)
    if shown < plot.axis.end_ns * LABELLED_SHARE:
        return
    plot.note_at_share(
        x=start / 2,
        y=0.5,
        text=("… " if shown < timeline.startup_ns else "")
        + _("start-up {time}").format(time=duration_text(timeline.startup_ns)),
        textangle=-90,
        font={"size": LABEL_PX},
    )


ON_LIGHT_PAPER, ON_DARK_PAPER = "rgba(255,255,255,0.6)", "rgba(0,0,0,0.6)"
PAPER_PX, DASHES_PX = 4, 1.5
BRIGHT_FROM = 3 * 128
"""The sum of red, green and blue from which an ink is one for dark paper."""


def draw_end(plot: Plot, timeline: Timeline | None) -> None:
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
