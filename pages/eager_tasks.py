"""The finer point of when a task begins: at its creator's next wait, or inside of create_task."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "eager_tasks",
    ["ordinary_tasks", "eager_tasks"],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=6, sleep_s=0.1),
)
