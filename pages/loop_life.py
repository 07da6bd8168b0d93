"""The pitfalls of an event loop's life."""

from core.charts.strips import Strip
from pages.components import lesson_page

lesson_page.show(
    "loop_life",
    ["asyncio_run", "loop_by_hand", "get_event_loop", "runner", "nested_run"],
    strips=[Strip.LOOP, Strip.LOG],
)
