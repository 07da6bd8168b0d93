"""What can be taken away of finished runs: one module a format, all known to one list.

Each export is a pure function of timelines, in a module that is imported when it is asked for:
pandas and PyArrow, which most runs never need, take longer to import than a run takes.
"""

import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from core.spec.run_spec import RunSpec
    from core.timeline.timeline import Timeline

Make = Callable[[Sequence["Timeline"]], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A format.

    Attributes:
        name: What the command line calls it.
        suffix: With which the names of its files end.
        mime: Its media type.
        maker: The module and the function that makes the file, as `module:function`.
        takes_one: Whether a file holds one run only.
        needs_spec: Whether it is made of a run's settings, which somebody's own program has not.
    """

    name: str
    suffix: str
    mime: str
    maker: str
    takes_one: bool = False
    needs_spec: bool = False

    def make(self, timelines: "Sequence[Timeline]") -> bytes:
        """Return the file, of the runs of a comparison or of a single one."""
        return cast("Make", pkgutil.resolve_name(self.maker))(timelines)


EXPORTS = {
    export.name: export
    for export in (
        Export(name="json", suffix=".json", mime="application/json", maker="core.runfile:dump"),
        Export(
            name="json.gz",
            suffix=".json.gz",
            mime="application/gzip",
            maker="core.runfile:dump_packed",
        ),
        Export(name="csv", suffix=".csv", mime="text/csv", maker="core.exports.spans:csv"),
        Export(
            name="parquet",
            suffix=".parquet",
            mime="application/vnd.apache.parquet",
            maker="core.exports.spans:parquet",
        ),
        Export(
            name="chrome",
            suffix=".trace.json",
            mime="application/json",
            maker="core.exports.chrome:chrome_trace",
        ),
        Export(name="html", suffix=".html", mime="text/html", maker="core.exports.page:html_page"),
        Export(
            name="script",
            suffix=".py",
            mime="text/x-python",
            maker="core.exports:script_file",
            takes_one=True,
            needs_spec=True,
        ),
    )
}


def file_stem(timelines: "Sequence[Timeline]") -> str:
    """Return what the file of some runs is called, without its suffix."""
    return "-".join(PurePath(each.program.name).stem for each in timelines)


def script_file(timelines: "Sequence[Timeline]") -> bytes:
    """Return the script of a single run as a file in UTF-8."""
    from core.spec.program import script  # noqa: PLC0415 - as every format, when it is asked for

    return script(cast("RunSpec", timelines[0].spec)).encode()
