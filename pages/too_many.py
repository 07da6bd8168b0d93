"""The pitfall of too many jobs at once."""

from core.charts.strips import Strip
from pages.components import chapter
from pages.components.knobs import First

chapter.show(
    "too_many",
    ["gather", "semaphore", "queue_workers"],
    strips=[Strip.FLIGHT, Strip.LOOP],
    first=First(tasks=1_000, sleep_ms=20, limit=50),
)
