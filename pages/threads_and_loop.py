"""Threads that touch what belongs to an event loop."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "threads_and_loop",
    ["set_from_thread", "call_soon_threadsafe", "run_coroutine_threadsafe"],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=4, sleep_s=0.2),
)
