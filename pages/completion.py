"""The pitfall of the order in which results come."""

from core.charts.strips import Strip
from core.jobs import Spread
from pages.components import contrast
from pages.components.knobs import First

contrast.show(
    "completion",
    ["gather_results", "as_completed", "wait_first"],
    strips=[Strip.LOG],
    first=First(spread=Spread.FALLING),
)
