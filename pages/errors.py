"""The pitfall of one job that fails among others."""

from core.jobs import Spread
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "errors",
    ["gather_error", "gather_exceptions", "task_group", "try_each"],
    strips=[],
    defaults=Defaults(one_fails=True, spread=Spread.FALLING),
)
