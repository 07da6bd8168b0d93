"""Saved runs from a shell: what is in their files, and the same in other formats."""

from collections.abc import Sequence
from pathlib import Path

from core.analysis.why_not_comparable import differences
from core.errors import BadFile, BadValue
from core.runfile import load_from
from core.shell.report import report
from core.text.language import lazy
from core.timeline.timeline import Timeline


def shown(paths: Sequence[str], *, width: int) -> str:
    """Return the report of all runs in some files, after what does not compare in them.

    Raises:
        BadFile: If one cannot be read.
    """
    timelines = read(paths)
    return "\n".join([*differences(timelines), report(timelines, width=width)])


def exported(paths: Sequence[str], format_name: str, run: int | None) -> bytes:
    """Return the runs of some files, or the `run`-th of them from 1, in another format.

    Raises:
        BadFile: If one cannot be read.
        BadValue: If there is no such run, or the format takes one run and there are several.
    """
    from core.exports import EXPORTS  # noqa: PLC0415 - pandas and plotly take a second

    timelines = read(paths)
    if run is not None and not 1 <= run <= len(timelines):
        allowed = lazy("it must be from 1 to {most}", most=len(timelines))
        raise BadValue("run", run, allowed)
    chosen = timelines if run is None else [timelines[run - 1]]
    export = EXPORTS[format_name]
    if export.takes_one and len(chosen) > 1:
        allowed = lazy(
            "it takes one run, and there are {count}: choose one with --run", count=len(chosen)
        )
        raise BadValue("format", format_name, allowed)
    return export.make(chosen)


def read(paths: Sequence[str]) -> list[Timeline]:
    """Return the runs of some files, in their order.

    Raises:
        BadFile: With the name of the first file that cannot be read.
    """
    return [timeline for path in paths for timeline in _read(path)]


def _read(path: str) -> list[Timeline]:
    try:
        with Path(path).open("rb") as file:
            return load_from(file)
    except OSError as error:
        raise BadFile(path, str(error.strerror)) from error
    except BadFile as error:
        raise BadFile(path, error) from error
