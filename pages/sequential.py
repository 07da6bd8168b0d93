"""The lesson on sequential."""

from pages.components import lesson_page

lesson_page.show_pattern("sequential")
