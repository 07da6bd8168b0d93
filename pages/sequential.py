"""The lesson on sequential."""

from pages.components import frame

frame.pattern_lesson("sequential")
