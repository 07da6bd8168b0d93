"""The pitfall of tasks that nobody awaits."""

from core.charts.strips import Strip
from pages.components import frame

frame.lesson(
    "lost_tasks",
    ["never_awaited", "forgotten_tasks", "unreferenced_tasks", "create_task", "task_group"],
    strips=[Strip.LOG],
)
