"""Loopscope as a library: run concurrency patterns for real and look at what they did.

>>> import core
>>> timeline = core.run(core.RunSpec(pattern="gather", tasks=5, sleep_s=0.2))
>>> round(timeline.wall_ns / 1e9, 1)
0.2
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core import settings  # noqa: F401 - first of all: a wrong one ends any process of ours
from core.spec.run_spec import RunSpec

if TYPE_CHECKING:
    from core.timeline.timeline import Timeline

__all__ = ["RunSpec", "compare", "run"]


def run(spec: RunSpec) -> "Timeline":
    """Measure one run in a process of its own and return its timeline.

    Raises:
        TooLong: If even the ideal schedule takes longer than the limit.
        RunEndedEarly: If the run did not come to its end.
        RunFailed: If it could not be carried out.
        ServiceUnavailable: If something that it needs cannot be had.
    """
    return compare([spec])[0]


def compare(specs: Sequence[RunSpec]) -> "list[Timeline]":
    """Measure several runs and return their timelines, in the order given.

    They go side by side where they cannot disturb one another. The imports stand in here because
    the measuring child imports this package too, and must start fast.

    Raises:
        TooLong, RunEndedEarly, RunFailed: As for `run`, for the first run that it happens to.
    """
    from core.measuring.comparison import Comparison
    from core.measuring.forking import Spares
    from core.services import Services
    from core.spec.ideal import refuse_too_long

    for spec in specs:
        refuse_too_long(spec)
    spares, services = Spares(0), Services()
    comparison = Comparison(specs, spares, services)
    try:
        comparison.wait()
    finally:
        comparison.stop()
        spares.close()
        services.close()
    timelines = []
    for measurement in comparison.measurements:
        if measurement.error is not None:
            raise measurement.error
        timeline = measurement.timeline()
        if timeline is not None:
            timelines.append(timeline)
    return timelines
