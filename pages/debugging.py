"""asyncio's debug mode: what it finds, and what it costs."""

from core.charts.strips import Strip
from pages.components import chapter
from pages.components.knobs import First

chapter.show(
    "debugging",
    ["blocking_call", "debug_mode"],
    strips=[Strip.LOOP, Strip.LOG],
    first=First(tasks=10, sleep_ms=150),
)
