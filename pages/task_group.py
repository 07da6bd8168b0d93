"""The lesson on task_group."""

from pages.components import lesson_page

lesson_page.show_pattern("task_group")
