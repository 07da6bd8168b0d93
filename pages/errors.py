"""The pitfall of one job that fails among others."""

from core.jobs import Spread
from pages.components import chapter
from pages.components.knobs import First

chapter.show(
    "errors",
    ["gather_error", "gather_exceptions", "task_group", "try_each"],
    strips=[],
    first=First(one_fails=True, spread=Spread.FALLING),
)
