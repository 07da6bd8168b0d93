"""The lesson on run_in_executor."""

from pages.components import frame

frame.pattern_lesson("run_in_executor")
