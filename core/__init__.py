"""Loopscope as a library: run concurrency patterns for real and look at what they did.

>>> import core
>>> timeline = core.run(core.RunSpec(pattern="gather"))
>>> round(timeline.wall_ns / 1e9, 1)
0.2
>>> print(core.explain([timeline]))  # doctest: +SKIP
>>> core.figure([timeline]).show()  # doctest: +SKIP

It is imported from the project's folder, or from anywhere with that folder in PYTHONPATH.

`RunSpec` takes the settings of `python -m core run --help`, with the same defaults, by keyword:
`pattern`, `tasks`, `sleep_s`, `workload`, `executor`, `workers`, `spread`, `limit`, `timeout_s`,
`failing`, `failing_after_s`, `connections`, `failure_rate` and `rate`; names that end in `_s` are
seconds. One that is left out is None where the pattern does not take it.

A `Timeline` is immutable. It has `wall_ns`, `error`, `results` and `log`, and three tables whose
columns are numpy arrays: `jobs`, one entry a job; `spans`, the states of all jobs over time; and
`steps`, what the event loops ran. Times are integer nanoseconds since the start of the run.
"""

# What a function needs is imported when it is called: the measuring child imports this package,
# too, and must start fast.

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import settings  # noqa: F401 - first of all: a wrong one ends any process of ours
from core.recording import __version__
from core.spec.run_spec import RunSpec
from core.text.language import _

if TYPE_CHECKING:
    from core.measuring.comparison import Comparison
    from core.recording import record
    from core.timeline.timeline import Timeline

FEW_RUNS = 2
LONG_WAIT_S = 0.5
"""What takes less to start needs no words."""
__all__ = [
    "RunSpec",
    "Timeline",
    "__version__",
    "compare",
    "explain",
    "figure",
    "load",
    "record",
    "run",
    "save",
]


def __getattr__(name: str) -> Any:
    if name == "Timeline":
        from core.timeline.timeline import Timeline  # it needs numpy

        return Timeline
    if name == "record":
        from core.recording import record

        return record
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def run(spec: RunSpec) -> "Timeline":
    """Measure one run in a process of its own and return its timeline.

    It blocks its caller until the run has ended. From a running event loop, call it as
    `await asyncio.to_thread(core.run, spec)`. A job that fails, or a pattern that raises, is no
    error in here: the timeline has it, in `jobs.error` and `error`.

    Raises:
        BadValue: If a setting is beyond what may be measured on this machine.
        PythonTooOld: If the pattern uses what this version of Python does not have.
        TooLong: If even the ideal schedule takes longer than the limit.
        RunEndedEarly: If the run did not come to its end.
        RunFailed: If it could not be carried out.
        ServiceUnavailable: If something that it needs cannot be had.
    """
    return compare([spec])[0]


def compare(
    specs: Sequence[RunSpec], *, on_wait: Callable[[str], None] | None = None
) -> "list[Timeline]":
    """Measure several runs and return their timelines, in the order given.

    Runs that mostly wait are measured side by side, others one after another, so that they do not
    disturb one another. Like `run`, it blocks its caller.

    Args:
        specs: The runs.
        on_wait: Called with a sentence where something that a run needs takes long to start, such
            as PostgreSQL for the first time, or the workers of a pool.

    Raises:
        BadValue, PythonTooOld, TooLong, RunEndedEarly, RunFailed, ServiceUnavailable: As for `run`,
            for the first run that fails.
    """
    from core.measuring.comparison import Comparison
    from core.measuring.forking import Spares
    from core.services import Services
    from core.spec.admission import check_limits
    from core.spec.limits import LIMITS

    for spec in specs:
        check_limits(spec, LIMITS)
    # A zygote costs as much as two interpreters, and none of its forks disturbs a run beside it.
    spares, services = Spares(int(len(specs) > FEW_RUNS)), Services()
    comparison = Comparison(specs, spares, services)
    try:
        _wait(comparison, on_wait or (lambda _text: None))
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


def _wait(comparison: "Comparison", on_wait: Callable[[str], None]) -> None:
    """Wait until all runs have ended; say once of each thing that it is being started."""
    from core.services import service_record

    said: set[str] = set()
    while not comparison.ended.wait(LONG_WAIT_S):
        texts = [str(service_record(name).starting) for name in comparison.starting]
        if not texts and comparison.opens_pool:
            texts = [_("Starting the workers …")]
        for text in texts:
            if text not in said:
                said.add(text)
                on_wait(text)


def save(timelines: Sequence["Timeline"], path: str | Path) -> None:
    """Write runs to a run file (`docs/run-file.md`), compressed if its name ends in `.gz`.

    A file that is there is replaced. One timeline becomes a run, any other number a comparison.

    Raises:
        OSError: If it cannot be written.
    """
    from core.runfile import SUFFIX, write

    with Path(path).open("wb") as file:
        write(timelines, file, several=len(timelines) != 1, pack=str(path).endswith(SUFFIX))


def load(path: str | Path) -> list["Timeline"]:
    """Return the runs of a run file, compressed or not: equal to those that were saved.

    Raises:
        BadFile: If it is not a run file, with the key or the line that is wrong.
        OSError: If it cannot be read.
    """
    from core.runfile import load_from

    with Path(path).open("rb") as file:
        return load_from(file)


def figure(timelines: Sequence["Timeline"]) -> Any:
    """Return the chart of one or more runs, as a `plotly.graph_objects.Figure`.

    Runs of up to some 50 jobs share one time axis; large ones have an axis of their own each.
    """
    from core.charts import chart
    from core.charts.panel import panels_of

    return chart.draw(panels_of(timelines)).figure()


def explain(timelines: Sequence["Timeline"]) -> str:
    """Return how long runs took and why, in one to three sentences; empty for no runs.

    Others are compared with the first, unless the machine disturbed one of the two. The sentences
    are English; `core.text.language.speak("ko")` makes them Korean for this thread.
    """
    from core.analysis import summary

    return summary.explain(timelines)
