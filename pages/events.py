"""The lesson on how tasks wait for a sign of others: events, conditions and barriers."""

from core.charts.strips import Strip
from core.jobs import Spread
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "events",
    ["event", "condition", "barrier"],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=4, sleep_s=0.2, spread=Spread.FALLING),
)
