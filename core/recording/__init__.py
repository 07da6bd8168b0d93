"""Recording: what the loop, the threads and the processes did, as rows of integers.

The package stands alone: it imports the standard library, and itself by dots. So any process can
have it, under any name; many programs have a package of their own that is called `core`. Only the
modules about Dask import more, in functions, where a run uses Dask.

>>> import loopscope
>>> with loopscope.record("run.loopscope"):  # doctest: +SKIP
...     asyncio.run(main())
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flight_recorder import FlightRecorder, SlowRequests
    from .in_program import new_event_loop, record, start, stop

__version__ = "0.1.0"
_MODULES = {
    "FlightRecorder": ".flight_recorder",
    "SlowRequests": ".flight_recorder",
    "new_event_loop": ".in_program",
    "record": ".in_program",
    "start": ".in_program",
    "stop": ".in_program",
}
__all__ = [
    "FlightRecorder",
    "SlowRequests",
    "__version__",
    "new_event_loop",
    "record",
    "start",
    "stop",
]


def __getattr__(name: str) -> Any:
    """Import what a program asks for when it does, as a measuring child must start fast."""
    if name in _MODULES:
        return getattr(import_module(_MODULES[name], __name__), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
