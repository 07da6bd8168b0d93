"""Blocking calls that fill the pool of threads on which others rely."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "full_pool",
    ["full_pool", "own_pool", "thread_limiter"],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=8, sleep_s=0.2, limit=2),
)
