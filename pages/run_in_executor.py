"""The lesson on run_in_executor."""

from pages.components import lesson

lesson.show("run_in_executor")
