"""The lesson on create_task."""

from pages.components import frame

frame.pattern_lesson("create_task")
