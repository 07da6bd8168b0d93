"""The start-up of a run's pool, drawn before the run begins."""

from core.charts.palette import QUIET
from core.charts.plot import Plot
from core.text.language import _
from core.text.numbers import duration_text
from core.timeline.timeline import Timeline

WORTH_SHOWING_NS = 1_000_000
MOST_SHARE = 0.16
LABELLED_SHARE = 0.03
LABEL_PX = 12


def shown_ns(timeline: Timeline | None, end_ns: int) -> int:
    """Return how much of a pool's start-up a chart shows: all, unless the runs would get lost."""
    if timeline is None or timeline.startup_ns < WORTH_SHOWING_NS:
        return 0
    return min(timeline.startup_ns, round(end_ns * MOST_SHARE))


def draw(plot: Plot, timeline: Timeline | None) -> None:
    """Draw the start-up as a bar over all rows that ends where the run begins.

    Where there is room for a text, it gives the true length; of a bar that is cut off it begins
    with three dots.
    """
    shown = min(shown_ns(timeline, plot.axis.end_ns), plot.axis.before_ns)
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
