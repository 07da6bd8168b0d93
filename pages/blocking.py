"""The pitfall of blocking the event loop."""

from core.charts.strips import Strip
from pages.components import lesson_page

lesson_page.show("blocking", ["blocking_call", "pool_in_with", "to_thread"], strips=[Strip.LOOP])
