"""The pitfall of what others change during an await."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "races",
    ["lost_update", "with_lock"],
    strips=[Strip.LOG],
    defaults=Defaults(tasks=4, sleep_s=0.1),
)
