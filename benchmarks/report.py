"""What the benchmarks share when they report: the machine, tables, and their place in the docs."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path


def machine() -> str:
    """Return what the figures depend on besides Python: system, processor and their number."""
    return f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} CPUs"


def python() -> str:
    """Return which Python the figures were taken on."""
    return f"{platform.python_implementation()} {platform.python_version()}"


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table that reads well as plain text and is Markdown.

    The first column is aligned to the left, the others to the right.
    """
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first, *rest = cells
        padded = [first.ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [line(headings), line(rule), *map(line, rows)]


def marked(name: str, text: str) -> str:
    """Return a text between the markers at which a page of the docs holds it."""
    return f"{_begin(name)}\n{text}\n{_end(name)}"


def put_between_markers(path: Path, name: str, text: str) -> None:
    """Replace what stands between a page's markers.

    Raises:
        ValueError: If the page lacks one of the markers.
    """
    page = path.read_text(encoding="utf-8")
    before, _, rest = page.partition(_begin(name))
    _, end, after = rest.partition(_end(name))
    if not end:
        message = f"{path} lacks the markers {_begin(name)} and {_end(name)}"
        raise ValueError(message)
    path.write_text(f"{before}{marked(name, text)}{after}", encoding="utf-8")


def _begin(name: str) -> str:
    return f"<!-- {name}: begin -->"


def _end(name: str) -> str:
    return f"<!-- {name}: end -->"
