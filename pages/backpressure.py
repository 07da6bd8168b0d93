"""The pitfall of queues without a bound."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "backpressure",
    ["unbounded_queue", "bounded_queue", "shut_down_queue"],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=8, sleep_s=0.1, limit=2),
)
