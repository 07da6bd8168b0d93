import sys
from typing import ClassVar

from tests.pages.pitfalls import LOG, LOOP, Pitfall

OLD_WAYS_ARE_GONE = sys.version_info >= (3, 14)
ERROR = "The pattern ended with RuntimeError: "


class TestPitfall(Pitfall):
    page = "loop_life"
    sides = ("asyncio_run", "loop_by_hand", "get_event_loop", "runner", "nested_run")
    strips = (LOOP, LOG)
    because = (
        "Not all jobs ended well: none was created in get_event_loop"
        if OLD_WAYS_ARE_GONE
        else "Not all jobs ended well: none was created in nested_run"
    )
    findings: ClassVar = {
        "nested_run": [ERROR, "asyncio.run() cannot be called from a running event loop"],
    } | ({"get_event_loop": [ERROR]} if OLD_WAYS_ARE_GONE else {})
    returned: ClassVar = {
        name: ["job 1", "job 2", "job 3"]
        for name in sides
        if name in ("asyncio_run", "loop_by_hand", "runner")
        or (name == "get_event_loop" and not OLD_WAYS_ARE_GONE)
    }
