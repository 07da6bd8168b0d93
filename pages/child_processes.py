"""Child processes that a coroutine starts and waits for."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "child_processes",
    ["blocking_child", "awaited_child"],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=4, sleep_s=0.1),
)
