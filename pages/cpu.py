"""CPU work and the GIL."""

from core.charts.strips import Strip
from core.spec.run_spec import ExecutorKind
from pages.components import frame
from pages.components.controls import Defaults, RunChoice

frame.lesson(
    "cpu",
    [
        RunChoice(pattern="blocking_loop", workload="cpu"),
        RunChoice(pattern="gather", workload="cpu"),
        RunChoice(pattern="run_in_executor", workload="cpu", executor=ExecutorKind.THREADS),
        RunChoice(pattern="run_in_executor", workload="cpu", executor=ExecutorKind.PROCESSES),
    ],
    strips=[Strip.LOOP],
    defaults=Defaults(tasks=4, sleep_s=0.15, workers=2),
)
