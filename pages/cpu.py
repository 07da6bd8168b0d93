"""CPU work and the GIL."""

from core.charts.strips import Strip
from core.spec.run_spec import ExecutorKind
from pages.components import chapter
from pages.components.controls import Side
from pages.components.knobs import First

chapter.show(
    "cpu",
    [
        Side(pattern="blocking_loop", workload="cpu"),
        Side(pattern="gather", workload="cpu"),
        Side(pattern="run_in_executor", workload="cpu", executor=ExecutorKind.THREADS),
        Side(pattern="run_in_executor", workload="cpu", executor=ExecutorKind.PROCESSES),
    ],
    strips=[Strip.LOOP],
    first=First(tasks=4, sleep_ms=150, workers=2),
)
