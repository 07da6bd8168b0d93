"""The lesson on create_task."""

from pages.components import lesson_page

lesson_page.show_pattern("create_task")
