"""The lesson on gather."""

from pages.components import lesson

lesson.show("gather")
