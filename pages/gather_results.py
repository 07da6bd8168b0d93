"""The lesson on gather_results."""

from core.jobs import Spread
from pages.components import lesson

lesson.show("gather_results", spread=Spread.FALLING)
