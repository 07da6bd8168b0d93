"""The lesson on gather."""

from pages.components import lesson_page

lesson_page.show_pattern("gather")
