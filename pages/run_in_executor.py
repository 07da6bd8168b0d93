"""The lesson on run_in_executor."""

from pages.components import lesson_page

lesson_page.show_pattern("run_in_executor")
