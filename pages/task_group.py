"""The lesson on task_group."""

from pages.components import frame

frame.pattern_lesson("task_group")
