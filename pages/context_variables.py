"""The finer point of when a task takes over its context: when it is made."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "context_variables",
    ["set_after", "set_before", "own_context"],
    strips=[Strip.LOG],
    defaults=Defaults(tasks=4, sleep_s=0.1),
)
