"""The pitfall of jobs that wait for one another, or for themselves."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "deadlock",
    ["deadlock", "lock_order", "awaits_itself"],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=4, sleep_s=0.1, timeout_s=1.0),
)
