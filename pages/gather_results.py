"""The lesson on gather_results."""

from core.jobs import Spread
from pages.components import frame

frame.pattern_lesson("gather_results", spread=Spread.FALLING)
