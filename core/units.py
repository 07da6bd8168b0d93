"""Times and numbers as people read them, in the language of the context."""

from core.notation import written
from core.words import spoken

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


def _three_digits(value: float) -> str:
    if value >= 99.95:
        return number_text(value, ",.0f")
    return number_text(value, ".1f" if value >= 9.995 else ".2f")


def number_text(value: float, form: str = ",") -> str:
    """Return a number as people read it: `1,234` or, with a form of Python's `format`, `12.5%`."""
    return written(format(value, form), spoken())
