"""The lesson on create_task."""

from pages.components import lesson

lesson.show("create_task")
