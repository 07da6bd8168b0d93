"""Values that come from outside: each check returns a good one and raises `BadValue` for any other.

`name` is that of the setting as the command line writes it.
"""

import math

from core.errors import BadValue
from core.text.language import Text, lazy


def one_of(name: Text, given: object, allowed: tuple[str, ...]) -> str:
    """Return a word that is one of those allowed."""
    if isinstance(given, str) and given in allowed:
        return str(given)
    raise BadValue(
        name, given, lazy("it must be one of {names}", names=", ".join(map(str, allowed)))
    )


def whole(name: str, given: object, *, most: float, why: Text) -> int:
    """Return a whole number from 1 to `most`; `why` is the clause that gives the reason."""
    if not isinstance(given, int) or isinstance(given, bool):
        raise BadValue(name, given, lazy("it must be a whole number"))
    if given < 1:
        raise BadValue(name, given, lazy("it must be at least 1"))
    if given > most:
        allowed = lazy("it must be at most {most:,}, {why}", most=most, why=why)
        raise BadValue(name, given, allowed)
    return given


def seconds(name: str, given: object, *, most: float, why: Text) -> float:
    """Return a number of seconds from 0 to `most`; `why` is the clause that gives the reason."""
    if (
        isinstance(given, bool)
        or not isinstance(given, int | float)
        or (isinstance(given, float) and math.isnan(given))
    ):
        raise BadValue(name, given, lazy("it must be a number of seconds"))
    if given < 0:
        raise BadValue(name, given, lazy("it must be at least 0 seconds"))
    if given > most:
        allowed = lazy("it must be at most {most:g} seconds, {why}", most=most, why=why)
        raise BadValue(name, given, allowed)
    return float(given)


def share(name: str, given: object) -> float:
    """Return a share from 0 to 1."""
    if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 1:
        return float(given)
    raise BadValue(name, given, lazy("it must be a share from 0 to 1"))
