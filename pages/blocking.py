"""The pitfall of blocking the event loop."""

from core.charts.strips import Strip
from pages.components import chapter

chapter.show("blocking", ["blocking_call", "pool_in_with", "to_thread"], strips=[Strip.LOOP])
