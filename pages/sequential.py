"""The lesson on sequential."""

from pages.components import lesson

lesson.show("sequential")
