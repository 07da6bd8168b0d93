"""The pitfall of streams that are written to without drain."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "streams",
    ["undrained", "drained"],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=8, sleep_s=0.1),
)
