"""A window in words: one for a URL, and a line for people."""

import re
from decimal import Decimal

from core.charts.axis import TimeAxis
from core.charts.window import Window
from core.text.language import _
from core.text.numbers import NS_PER_MS, NS_PER_S, NS_PER_US

UNITS_NS = {"s": NS_PER_S, "ms": NS_PER_MS, "us": NS_PER_US, "ns": 1}
LATEST_NS = 86_400 * NS_PER_S
TIME = r"(\d{1,12}(?:\.\d{1,9})?)(s|ms|us|ns)"
WORD = re.compile(rf"{TIME}-{TIME}(?:_jobs(\d{{1,9}})-(\d{{1,9}}))?", re.ASCII)


def as_word(window: Window) -> str:
    """Return a window as one word that a URL shows as it is: `120ms-340ms_jobs11-40`.

    It is exact, and counts jobs from 1, as people do.
    """
    word = f"{_time_word(window.start_ns)}-{_time_word(window.end_ns)}"
    if window.jobs is None:
        return word
    first, last = window.jobs
    return f"{word}_jobs{first + 1}-{last + 1}"


def from_word(word: str) -> Window:
    """Return the window that `as_word` wrote, or somebody by hand.

    Raises:
        ValueError: If it is not written so, holds nothing, or lies beyond a day.
    """
    found = WORD.fullmatch(word)
    if found is None:
        raise ValueError(f"{word!r} is no window; one is written 120ms-340ms_jobs11-40")
    start, start_unit, end, end_unit, first, last = found.groups()
    return Window(
        start_ns=_time_ns(start, start_unit),
        end_ns=_time_ns(end, end_unit),
        jobs=None if first is None else (int(first) - 1, int(last) - 1),
    )


def _time_word(time_ns: int) -> str:
    for unit, unit_ns in UNITS_NS.items():
        if time_ns >= unit_ns:
            number = f"{Decimal(time_ns) / unit_ns:f}"
            return (number.rstrip("0").rstrip(".") if "." in number else number) + unit
    return "0ms"


def _time_ns(number: str, unit: str) -> int:
    time_ns = Decimal(number) * UNITS_NS[unit]
    if time_ns != int(time_ns):
        raise ValueError(f"{number}{unit} is not a whole number of nanoseconds")
    if time_ns > LATEST_NS:
        raise ValueError(f"{number}{unit} is later than any run may last")
    return int(time_ns)


def window_text(window: Window, tasks: int) -> str:
    """Return what a window shows, to a hundredth of its length, as a caption.

    `120 ms to 340 ms, jobs 11 to 40 of 1,000`; the unit is that of the axis.
    """
    unit_ns = TimeAxis(end_ns=window.end_ns).unit_ns
    digits = len(str(window.end_ns - window.start_ns))
    decimals = max(0, len(str(unit_ns)) + 2 - digits)
    unit = "s" if unit_ns == NS_PER_S else "ms"
    stretch = _("{start} to {end}").format(
        start=f"{window.start_ns / unit_ns:,.{decimals}f} {unit}",
        end=f"{window.end_ns / unit_ns:,.{decimals}f} {unit}",
    )
    if window.jobs is None:
        return stretch
    first, last = window.jobs[0] + 1, min(window.jobs[1] + 1, tasks)
    if first == last:
        return _("{stretch}, job {number:,} of {tasks:,}").format(
            stretch=stretch, number=first, tasks=tasks
        )
    return _("{stretch}, jobs {first:,} to {last:,} of {tasks:,}").format(
        stretch=stretch, first=first, last=last, tasks=tasks
    )
