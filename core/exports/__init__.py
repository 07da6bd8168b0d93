"""What can be taken away of finished runs: one module a format, all known to one registry.

Each export is a pure function of timelines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.exports.chrome import chrome_trace
from core.exports.page import html_page
from core.exports.script import script
from core.exports.spans import csv, parquet
from core.runfile import dump, dump_packed
from core.timeline.timeline import Timeline

Make = Callable[[Sequence[Timeline]], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A format.

    Attributes:
        name: What the command line calls it.
        suffix: With which the names of its files end.
        mime: Its media type.
        make: Returns the file, of the runs of a comparison or of a single one.
        takes_one: Whether a file holds one run only.
    """

    name: str
    suffix: str
    mime: str
    make: Make
    takes_one: bool = False


EXPORTS = {
    export.name: export
    for export in (
        Export(name="json", suffix=".json", mime="application/json", make=dump),
        Export(name="json.gz", suffix=".json.gz", mime="application/gzip", make=dump_packed),
        Export(name="csv", suffix=".csv", mime="text/csv", make=csv),
        Export(
            name="parquet", suffix=".parquet", mime="application/vnd.apache.parquet", make=parquet
        ),
        Export(name="chrome", suffix=".trace.json", mime="application/json", make=chrome_trace),
        Export(name="html", suffix=".html", mime="text/html", make=html_page),
        Export(
            name="script",
            suffix=".py",
            mime="text/x-python",
            make=lambda timelines: script(timelines[0].spec).encode(),
            takes_one=True,
        ),
    )
}


def file_stem(timelines: Sequence[Timeline]) -> str:
    """Return what the file of some runs is called, without its suffix."""
    return "-".join(timeline.spec.pattern for timeline in timelines)
