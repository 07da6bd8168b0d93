"""The pitfalls of cancellation and time-outs."""

from core.charts.strips import Strip
from core.jobs import Spread
from pages.components import chapter
from pages.components.controls import Side
from pages.components.knobs import First

chapter.show(
    "cancellation",
    [
        "cancel_tasks",
        "timeout",
        "wait_for",
        Side(pattern="timeout", workload="cleanup"),
        Side(pattern="timeout", workload="stubborn"),
        "thread_timeout",
    ],
    strips=[Strip.LOG],
    first=First(spread=Spread.FALLING),
)
