"""The pitfall of the order in which results come."""

from core.charts.strips import Strip
from core.jobs import Spread
from pages.components import chapter
from pages.components.knobs import First

chapter.show(
    "completion",
    ["gather_results", "as_completed", "wait_first"],
    strips=[Strip.LOG],
    first=First(spread=Spread.FALLING),
)
