"""The pitfall of a task that never gives way."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "starvation",
    ["greedy", "gives_way"],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=6, sleep_s=0.1),
)
