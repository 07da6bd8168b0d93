"""The executors: the same blocking job through each of them."""

from core.spec.run_spec import ExecutorKind
from pages.components import chapter
from pages.components.controls import Side
from pages.components.knobs import First

chapter.show(
    "executors",
    [
        Side(pattern="blocking_loop"),
        *(Side(pattern="run_in_executor", executor=kind) for kind in ExecutorKind),
    ],
    strips=[],
    first=First(tasks=8, sleep_ms=100, workers=3),
)
