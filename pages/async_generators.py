"""The finer point of who closes an async generator, and when."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "async_generators",
    ["left_by_break", "with_aclosing"],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=4, sleep_s=0.1),
)
