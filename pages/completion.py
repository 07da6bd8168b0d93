"""The pitfall of the order in which results come."""

from core.charts.strips import Strip
from core.jobs import Spread
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "completion",
    ["gather_results", "as_completed", "wait_first"],
    strips=[Strip.LOG],
    defaults=Defaults(spread=Spread.FALLING),
)
