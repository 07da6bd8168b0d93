"""The lesson on gather_results."""

from core.jobs import Spread
from pages.components import lesson_page

lesson_page.show_pattern("gather_results", spread=Spread.FALLING)
