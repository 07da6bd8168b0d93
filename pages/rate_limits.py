"""Limits over time: a server that lets in so many requests a second."""

from core.charts.strips import Strip
from pages.components import frame
from pages.components.controls import Defaults, RunChoice

frame.lesson(
    "rate_limits",
    [
        RunChoice(pattern=name, workload="http")
        for name in ("hammer", "rate_limited", "retry_with_backoff")
    ],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=8, sleep_s=0.05, timeout_s=2.0, rate=20),
)
