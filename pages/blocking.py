"""The pitfall of blocking the event loop."""

from core.charts.strips import Strip
from pages.components import frame

frame.lesson("blocking", ["blocking_call", "pool_in_with", "to_thread"], strips=[Strip.LOOP])
