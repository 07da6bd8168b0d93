"""The finer points of time-outs: what they end, what they cut short and what goes on."""

from core.charts.strips import Strip
from core.jobs import Spread
from pages.components import frame
from pages.components.controls import Defaults, RunChoice

frame.lesson(
    "shield",
    [
        "shield",
        "shield_awaited",
        "leave_group",
        "stop_group",
        RunChoice(pattern="nested_timeouts", workload="cleanup"),
    ],
    strips=[Strip.LOG],
    defaults=Defaults(sleep_s=1.0, timeout_s=0.3, spread=Spread.FALLING),
)
