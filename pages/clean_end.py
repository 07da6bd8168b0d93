"""The finer points of a service's end: at a signal, with items in its queue."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "clean_end",
    ["stop_at_once", "drain_queue"],
    strips=[Strip.LOG],
    defaults=Defaults(tasks=8, sleep_s=0.1, limit=2, timeout_s=0.15),
)
