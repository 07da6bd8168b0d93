"""asyncio's debug mode: what it finds, and what it costs."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "debugging",
    ["blocking_call", "debug_mode"],
    strips=[Strip.LOOP, Strip.LOG],
    defaults=Defaults(tasks=10, sleep_s=0.15),
)
