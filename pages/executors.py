"""The executors: the same blocking job through each of them."""

from core.spec.run_spec import ExecutorKind
from pages.components import frame
from pages.components.controls import Defaults, RunChoice

frame.lesson(
    "executors",
    [
        RunChoice(pattern="blocking_loop"),
        *(RunChoice(pattern="run_in_executor", executor=kind) for kind in ExecutorKind),
    ],
    strips=[],
    defaults=Defaults(tasks=8, sleep_s=0.1, workers=3),
)
