"""The lesson on task_group."""

from pages.components import lesson

lesson.show("task_group")
