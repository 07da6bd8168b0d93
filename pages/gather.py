"""The lesson on gather."""

from pages.components import frame

frame.pattern_lesson("gather")
