"""The pitfalls of an event loop's life."""

from core.charts.strips import Strip
from pages.components import frame

frame.lesson(
    "loop_life",
    ["asyncio_run", "loop_by_hand", "get_event_loop", "runner", "nested_run"],
    strips=[Strip.LOOP, Strip.LOG],
)
