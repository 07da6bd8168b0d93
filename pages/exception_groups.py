"""The finer points of errors: several at once, seen or hidden."""

from core.charts.strips import Strip
from core.jobs import Spread
from pages.components import frame
from pages.components.controls import Defaults

frame.lesson(
    "exception_groups",
    ["first_error", "every_error", "except_star", "nested_groups"],
    strips=[Strip.LOG],
    defaults=Defaults(one_fails=True, sleep_s=0.5, failing_after_s=0.15, spread=Spread.FALLING),
)
