"""Times, sizes and numbers as people read them, in the language of the context.

Python formats them, and the locale data of Babel give the signs of the language. English and Korean
happen to agree.
"""

from core.text.language import spoken, written

NS_PER_US = 1_000
NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000


def duration_text(duration_ns: float) -> str:
    """Return a time with three significant digits and the unit that suits it.

    Args:
        duration_ns: Nanoseconds; negative ones keep their sign.

    Returns:
        `1.00 s`, `201 ms`, `84.0 µs`, `12 ns`. The units are those of the SI in every language.
    """
    sign = "−" if round(duration_ns) < 0 else ""  # noqa: RUF001 - the typographic minus is meant
    size = abs(duration_ns)
    for unit_ns, unit in ((NS_PER_S, "s"), (NS_PER_MS, "ms"), (NS_PER_US, "µs")):
        if size >= unit_ns * 0.9995:
            return f"{sign}{_three_digits(size / unit_ns)} {unit}"
    return f"{sign}{size:.0f} ns"


def size_text(size_bytes: float) -> str:
    """Return a size with three significant digits: `2.91 kB`, `24.0 MB`; 1 kB is 1,000 bytes."""
    for unit_bytes, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size_bytes >= unit_bytes * 0.9995:
            return f"{_three_digits(size_bytes / unit_bytes)} {unit}"
    return f"{size_bytes:.0f} B"


def _three_digits(value: float) -> str:
    if value >= 99.95:
        return number_text(value, ",.0f")
    return number_text(value, ".1f" if value >= 9.995 else ".2f")


def number_text(value: float, form: str = ",") -> str:
    """Return a number as people read it: `1,234` or, with a form of Python's `format`, `12.5%`."""
    return written(format(value, form), spoken())
