"""The pitfalls of cancellation and time-outs."""

from core.charts.strips import Strip
from core.jobs import Spread
from pages.components import frame
from pages.components.controls import Defaults, RunChoice

frame.lesson(
    "cancellation",
    [
        "cancel_tasks",
        "timeout",
        "wait_for",
        RunChoice(pattern="timeout", workload="cleanup"),
        RunChoice(pattern="timeout", workload="stubborn"),
        "thread_timeout",
    ],
    strips=[Strip.LOG],
    defaults=Defaults(spread=Spread.FALLING),
)
