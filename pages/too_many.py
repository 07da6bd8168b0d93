"""The pitfall of too many jobs at once."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "too_many",
    ["gather", "semaphore", "queue_workers"],
    strips=[Strip.FLIGHT, Strip.LOOP],
    defaults=Defaults(tasks=1_000, sleep_s=0.02, limit=50),
)
